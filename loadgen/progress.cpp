#include "loadgen/progress.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <unistd.h>

#include <fmt/format.h>

#include "core/units.hpp"

namespace contend::loadgen {

using namespace std::chrono_literals;

std::string json_line(const Interval& interval) {
  const Histogram& latency = interval.latency;
  return fmt::format(
      "{{\"t\":{:.3f},\"rate_per_second\":{:.1f},\"answered\":{},\"errors\":{},\"outstanding\":{},"
      "\"p50_ns\":{},\"p99_ns\":{},\"max_ns\":{}}}\n",
      interval.t, static_cast<double>(interval.answered) / interval.seconds, interval.answered,
      interval.errors, interval.in_flight_or_lost, latency.quantile(0.5), latency.quantile(0.99),
      latency.max());
}

std::string text_line(const Interval& interval, const Plan& plan) {
  const auto duration = [](std::int64_t ns) { return format_duration(Nanoseconds(ns)); };
  std::string text = fmt::format("{:5.0f} s  {} messages/s  p50 {}  p99 {}  {} errors", interval.t,
                                 format_count(static_cast<std::int64_t>(
                                     static_cast<double>(interval.answered) / interval.seconds)),
                                 duration(interval.latency.quantile(0.5)),
                                 duration(interval.latency.quantile(0.99)), interval.errors);
  if (plan.duration) {
    const double left = static_cast<double>(plan.duration->count()) / 1e9 - interval.t;
    text += fmt::format("  {:.0f} s left", std::max(left, 0.0));
  }
  return text;
}

Progress::Progress(const Plan& plan, const Observer& observer, std::FILE* stream, std::FILE* people,
                   Clock::duration plain_every)
    : plan_(&plan),
      observer_(&observer),
      stream_(stream),
      // Many processes of one plan would talk over each other.
      people_(plan.is_part() ? nullptr : people),
      plain_every_(plain_every),
      terminal_(people_ != nullptr && ::isatty(::fileno(people_)) == 1) {
  if (stream_ == nullptr && people_ == nullptr) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  if (terminal_) fmt::print(people_, "\r\033[K");
}

void Progress::watch(const std::stop_token& stop) {
  std::mutex mutex;  // only for the wait
  std::condition_variable_any stopped;
  const auto start = Clock::now();
  auto last = start;
  Snapshot before;
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex);
    stopped.wait_until(lock, stop, last + 1s, [] { return false; });
    const auto now = Clock::now();
    Snapshot total = observer_->total();
    show({.t = std::chrono::duration<double>(now - start).count(),
          .seconds = std::chrono::duration<double>(now - last).count(),
          .answered = total.answered - before.answered,
          .errors = total.errors - before.errors,
          .in_flight_or_lost = total.sent - total.answered,
          .latency = difference(total.latency, before.latency)});
    before = std::move(total);
    last = now;
  }
}

void Progress::show(const Interval& interval) {
  if (stream_ != nullptr) {
    const std::string line = json_line(interval);
    const bool written = std::fputs(line.c_str(), stream_) >= 0 && std::fflush(stream_) == 0;
    if (!written) stream_ = nullptr;
  }
  const bool over =
      plan_->duration && interval.t * 1e9 >= static_cast<double>(plan_->duration->count());
  if (people_ == nullptr || (over && !terminal_)) return;
  std::string line = text_line(interval, *plan_);
  if (terminal_) {
    line.insert(0, "\r\033[K");
  } else if (const auto now = Clock::now(); now - last_plain_ < plain_every_) {
    return;
  } else {
    last_plain_ = now;
    line += '\n';
  }
  if (std::fputs(line.c_str(), people_) < 0 || std::fflush(people_) != 0) people_ = nullptr;
}

}  // namespace contend::loadgen
