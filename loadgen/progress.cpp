#include "loadgen/progress.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <unistd.h>

#include <fmt/format.h>

#include "core/units.hpp"

#include "loadgen/job.hpp"

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

Display::Display(const Plan& plan, std::FILE* stream, std::FILE* people,
                 Clock::duration plain_every)
    : plan_(&plan),
      stream_(stream),
      people_(plan.is_part() ? nullptr : people),
      plain_every_(plain_every),
      terminal_(people_ != nullptr && ::isatty(::fileno(people_)) == 1) {}

Display::~Display() {
  if (terminal_ && people_ != nullptr) fmt::print(people_, "\r\033[K");
}

void Display::show(Snapshot total) {
  const auto now = Clock::now();
  const Interval interval{.t = std::chrono::duration<double>(now - start_).count(),
                          .seconds = std::chrono::duration<double>(now - last_).count(),
                          .answered = total.answered - before_.answered,
                          .errors = total.errors - before_.errors,
                          .in_flight_or_lost = total.sent - total.answered,
                          .latency = difference(total.latency, before_.latency)};
  before_ = std::move(total);
  last_ = now;
  if (stream_ != nullptr) {
    const std::string line = json_line(interval);
    const bool written = std::fputs(line.c_str(), stream_) >= 0 && std::fflush(stream_) == 0;
    if (!written) stream_ = nullptr;
  }
  if (people_ != nullptr) tell_people(interval, now);
}

void Display::tell_people(const Interval& interval, Clock::time_point now) {
  std::string line = text_line(interval, *plan_);
  if (terminal_) {
    line.insert(0, "\r\033[K");
  } else {
    const bool over = plan_->duration && now - start_ >= *plan_->duration;
    if (over || now - last_plain_ < plain_every_) return;
    last_plain_ = now;
    line += '\n';
  }
  if (std::fputs(line.c_str(), people_) < 0 || std::fflush(people_) != 0) people_ = nullptr;
}

Progress::Progress(const Plan& plan, const Observer& observer, std::FILE* stream, std::FILE* people,
                   Clock::duration plain_every)
    : plan_(&plan), observer_(&observer), display_(plan, stream, people, plain_every) {
  if (!display_.is_seen() && plan.gate.empty()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

void Progress::watch(const std::stop_token& stop) {
  // A part tells more often than the whole is shown, so that what is shown is not old.
  const auto interval = plan_->gate.empty() ? Clock::duration(1s) : Clock::duration(200ms);
  std::mutex mutex;  // only for the wait
  std::condition_variable_any stopped;
  auto next = Clock::now() + interval;
  for (bool last = false; !last;) {
    std::unique_lock lock(mutex);
    stopped.wait_until(lock, stop, next, [] { return false; });
    last = stop.stop_requested();
    next = Clock::now() + interval;
    const Snapshot total = observer_->total();
    if (!plan_->gate.empty()) tell_figures(plan_->gate, total);
    if (display_.is_seen()) display_.show(total);
  }
}

}  // namespace contend::loadgen
