// What --assert demands of a run: a comparison on any metric of the report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend::loadgen {

struct Assertion {
  enum class Relation { less, at_most, greater, at_least, equal, unequal };

  std::string text;    ///< as typed
  std::string metric;  ///< its full name; p99, rate and errors are spelled out
  Relation relation = Relation::less;
  double limit = 0;  ///< in the metric's unit

  bool holds(double value) const;
};

/// "p99<5ms", "errors==0", "rate>=10k", "server_rss_bytes<64M". Durations where the metric is one.
Expected<Assertion> parse_assertion(std::string_view text);

/// The outcome of one assertion on a graded case.
struct Asserted {
  Verdict verdict;     ///< passed, failed, or inconclusive where the metric has no value
  std::string reason;  ///< "p99<5ms: it was 7.2 ms"
};

/// Also writes the limit into the metric.
Asserted check(const Assertion& assertion, Case& result);

}  // namespace contend::loadgen
