// What one thread counted; merged over all threads after they have ended. Numbers only, no
// judgement.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/histogram.hpp"

#include "loadgen/cause.hpp"
#include "loadgen/fault.hpp"
#include "loadgen/timeline.hpp"

namespace contend::loadgen {

using Clock = std::chrono::steady_clock;

/// How one client fared with its first message: how long after its connection attempt the first
/// byte of an answer came, or how long it waited in vain.
struct FirstAnswer {
  std::uint32_t client = 0;
  bool served = false;
  Nanoseconds wait{};
};

struct Tally {
  std::uint64_t planned = 0;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
  std::uint64_t unfinished = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_verified = 0;
  std::uint64_t connections = 0;  ///< made, replacements included
  std::uint64_t replaced = 0;
  std::uint64_t unconnected = 0;          ///< clients that were still to be connected at the end
  std::uint64_t datagrams_reordered = 0;  ///< right answers that came after a later one's
  std::uint64_t datagrams_late = 0;       ///< answers to messages that were lost already
  CauseCounts errors;
  /// The first of each kind and client; bounded, the counts above are exact.
  std::vector<Fault> faults;
  /// The first refusal that stood between us and the target, for the report.
  std::string connect_error;
  std::vector<FirstAnswer> first_answers;
  Histogram intended;  ///< from the due time; in a closed loop empty until it is merged
  Histogram service;   ///< from the hand-over to the kernel
  Histogram lag;       ///< how late we were ourselves, busy connections apart
  Histogram connect;
  Timeline timeline;                 ///< of what `intended` counts
  double busiest_thread = 0;         ///< the share of a core that a thread used to work, at most
  double longest_wait_for_core = 0;  ///< the share of the time one was ready, but not on a core
  Nanoseconds late{};                ///< how long after --start-at its clients were ready, at most
  Clock::time_point first_sent = Clock::time_point::max();
  Clock::time_point last_answer = Clock::time_point::min();

  /// Counts the fault and keeps it if it is the first of its kind for its client.
  void add(Fault fault);
  void merge(const Tally& other);

  /// From the first message to the last answer; zero when nothing was answered.
  Nanoseconds busy() const;
};

}  // namespace contend::loadgen
