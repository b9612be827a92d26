// What is known about each kind of finding, in words: for formats that want a rule explained.
#pragma once

#include <string>
#include <string_view>

namespace contend::ci {

struct Rule {
  std::string name;    ///< "Data race"
  std::string what;    ///< one sentence: what it means
  std::string remedy;  ///< one or two sentences: what to do
  bool exact = true;   ///< the detector has no known false alarms of this kind
};

/// A rule that nobody wrote about gets a description made from its id.
Rule find_rule(std::string_view id);

}  // namespace contend::ci
