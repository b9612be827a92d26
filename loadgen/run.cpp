#include "loadgen/run.hpp"

#include <algorithm>
#include <deque>
#include <thread>
#include <vector>

#include "core/interrupt.hpp"

#include "loadgen/job.hpp"
#include "loadgen/progress.hpp"
#include "loadgen/worker.hpp"

namespace contend::loadgen {
namespace {

void merge_parts(std::vector<Tally>& into, const std::vector<Tally>& from) {
  if (into.empty()) into.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) into[i].merge(from[i]);
}

Clock::time_point on_our_clock(Nanoseconds since_epoch) {
  return Clock::now() + (since_epoch - std::chrono::system_clock::now().time_since_epoch());
}

/// When the plan's messages begin, as far as somebody else decides that.
std::optional<Clock::time_point> origin_of(const Plan& plan) {
  if (!plan.gate.empty()) {
    const auto start = await_start(plan.gate);
    return start ? std::optional(on_our_clock(*start)) : std::nullopt;
  }
  return plan.start_at ? std::optional(on_our_clock(*plan.start_at)) : std::nullopt;
}

void wait_until(Clock::time_point time) {
  while (Clock::now() < time && !interrupted()) {
    std::this_thread::sleep_for(
        std::min<Clock::duration>(time - Clock::now(), std::chrono::milliseconds(50)));
  }
}

}  // namespace

Run run(const Plan& plan, std::FILE* stream) {
  Observer observer(plan.threads);
  std::deque<Worker> workers;
  for (std::uint32_t i = 0; i < plan.threads; ++i) workers.emplace_back(plan, i, observer);
  // An open loop connects before its origin; a closed one sends as soon as it is connected.
  std::optional<Clock::time_point> origin;
  if (!plan.rate) origin = origin_of(plan);
  if (origin) wait_until(*origin);
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  threads.reserve(workers.size());
  const bool begins = !interrupted();
  for (Worker& worker : workers) {
    if (!begins) break;
    threads.emplace_back([&worker, start, origin] { worker.run(start, origin.value_or(start)); });
  }
  const bool told_when = begins && plan.rate && (plan.start_at || !plan.gate.empty());
  if (told_when && observer.wait_until_settled()) origin = origin_of(plan);
  if (told_when && origin) {
    for (Worker& worker : workers) worker.begin(*origin);
  }
  {
    const Progress progress(plan, observer, stream);
    for (std::thread& thread : threads) thread.join();
  }
  Run run{.elapsed = Clock::now() - start,
          .origin = origin.value_or(start),
          .interrupted = interrupted()};
  for (const Worker& worker : workers) merge_parts(run.parts, worker.parts());
  for (const Worker& worker : workers) run.alone.merge(worker.alone());
  for (std::size_t i = 0; i < plan.destinations.size(); ++i) run.tally.merge(run.parts[i]);
  if (run.parts.size() == 1) run.parts.clear();
  Beginnings beginnings = workers.front().beginnings();
  for (std::size_t i = 1; i < workers.size(); ++i) beginnings.merge(workers[i].beginnings());
  beginnings.end(std::max(start, run.tally.last_answer));
  if (plan.is_part()) {
    run.warmup = plan.warmup;
    run.beginnings = beginnings.all();
  } else {
    const LeftOut left_out = leave_out(plan.warmup, beginnings, run.alone, run.tally);
    run.warmup = left_out.length;
    run.stationary = left_out.stationary;
  }
  if (!plan.rate) {
    // A closed loop has no due times: a message is due when it is sent.
    run.tally.intended = run.tally.service;
    run.alone.intended = run.alone.service;
    for (auto& each : run.beginnings) each.intended = each.service;
    run.tally.planned = plan.messages ? plan.messages_here() : run.tally.sent;
  } else if (plan.messages) {
    run.tally.planned = plan.messages_here();
  }
  return run;
}

}  // namespace contend::loadgen
