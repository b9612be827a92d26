// A run in progress: one line a second for people, one JSON object a second for machines.
#pragma once

#include <cstdio>
#include <string>
#include <thread>

#include "loadgen/observer.hpp"
#include "loadgen/plan.hpp"

namespace contend::loadgen {

/// One second of a run.
struct Interval {
  double t = 0;  ///< seconds since the run began, at its end
  double seconds = 1;
  std::uint64_t answered = 0;
  std::uint64_t errors = 0;
  std::uint64_t in_flight_or_lost = 0;  ///< sent so far and not answered
  Histogram latency;
};

/// {"t":1.0,"rate_per_second":…,"p50_ns":…,"p99_ns":…,"max_ns":…,"errors":…}, ends in a newline.
std::string json_line(const Interval& interval);

/// "  3 s  12,345 messages/s  p50 80 us  p99 200 us  0 errors  7 s left", no newline.
std::string text_line(const Interval& interval, const Plan& plan);

/// Watches from a thread of its own until stopped. Errors of the stream end the watching, not the
/// run.
class Progress {
 public:
  /// `stream` gets the JSON lines, nullptr for none. `people` get a text line that is written over
  /// each second if they sit at a terminal, else one each `plain_every`, as in the log of a CI.
  Progress(const Plan& plan, const Observer& observer, std::FILE* stream,
           std::FILE* people = stderr, Clock::duration plain_every = std::chrono::seconds(10));
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

 private:
  void watch(const std::stop_token& stop);
  void show(const Interval& interval);

  const Plan* plan_;
  const Observer* observer_;
  std::FILE* stream_;
  std::FILE* people_;
  Clock::duration plain_every_;
  Clock::time_point last_plain_ = Clock::now();
  bool terminal_;
  std::jthread thread_;
};

}  // namespace contend::loadgen
