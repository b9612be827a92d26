// Program counters as functions, files and lines, by asking addr2line once for many.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/report.hpp"

#include "races/explore/images.hpp"
#include "races/explore/protocol.hpp"

namespace contend::explore {

class Symbols {
 public:
  /// Of a program that is loaded at `base`, and of these libraries of it.
  Symbols(std::string program, std::uint64_t base, std::vector<Image> libraries = {});

  /// Looks all of them up in one go, so that frames() and line() cost nothing afterwards.
  void load(const std::vector<std::uint64_t>& counters);

  /// Innermost first, inlined calls spelt out; frames outside of these are left out.
  std::vector<Frame> frames(const Stack& stack);

  /// The innermost frame of one place that is the user's own code, else the innermost; empty if
  /// unknown.
  Frame frame(std::uint64_t counter);

 private:
  void load(const Image& image, const std::set<std::uint64_t>& wanted);

  std::vector<Image> images_;
  std::map<std::uint64_t, std::vector<Frame>> known_;
};

}  // namespace contend::explore
