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

/// Shows what came since it last showed something. Errors of the stream end the showing, not the
/// run.
class Display {
 public:
  /// `stream` gets the JSON lines, nullptr for none. `people` get a text line that is written over
  /// each second if they sit at a terminal, else one each `plain_every`, as in the log of a CI;
  /// nothing of a part of a plan, since many processes would talk over each other.
  Display(const Plan& plan, std::FILE* stream, std::FILE* people = stderr,
          Clock::duration plain_every = std::chrono::seconds(10));
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;
  ~Display();

  bool is_seen() const { return stream_ != nullptr || people_ != nullptr; }
  void show(Snapshot total);

 private:
  void tell_people(const Interval& interval, Clock::time_point now);

  const Plan* plan_;
  std::FILE* stream_;
  std::FILE* people_;
  Clock::duration plain_every_;
  bool terminal_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  Clock::time_point last_plain_ = start_;
  Snapshot before_;
};

/// Watches one process from a thread of its own until stopped: shows, and if it carries out a part,
/// tells those who wait for that.
class Progress {
 public:
  /// As Display has them.
  Progress(const Plan& plan, const Observer& observer, std::FILE* stream,
           std::FILE* people = stderr, Clock::duration plain_every = std::chrono::seconds(10));
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() = default;

 private:
  void watch(const std::stop_token& stop);

  const Plan* plan_;
  const Observer* observer_;
  Display display_;
  std::jthread thread_;  // the last: it uses the others
};

}  // namespace contend::loadgen
