// Program counters as functions, files and lines, by asking addr2line once for many.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/report.hpp"

#include "races/explore/protocol.hpp"

namespace contend::explore {

class Symbols {
 public:
  Symbols(std::string program, std::uint64_t base);

  /// Looks all of them up in one go, so that frames() and line() cost nothing afterwards.
  void load(const std::vector<std::uint64_t>& counters);

  /// Innermost first, inlined calls spelt out; frames outside the program are left out.
  std::vector<Frame> frames(const Stack& stack);

  /// The innermost frame of one place that is the user's own code, else the innermost; empty if
  /// unknown.
  Frame frame(std::uint64_t counter);

 private:
  bool inside(std::uint64_t counter) const;

  std::string program_;
  std::uint64_t base_;
  bool relocated_;
  std::map<std::uint64_t, std::vector<Frame>> known_;
};

}  // namespace contend::explore
