#include "loadgen/run.hpp"

#include <algorithm>
#include <deque>
#include <thread>
#include <vector>

#include "core/interrupt.hpp"

#include "loadgen/client_factory.hpp"
#include "loadgen/progress.hpp"
#include "loadgen/worker.hpp"

namespace contend::loadgen {
namespace {

void merge_parts(std::vector<Tally>& into, const std::vector<Tally>& from) {
  if (into.empty()) into.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) into[i].merge(from[i]);
}

/// When the plan's messages begin, on our own clock.
std::optional<Clock::time_point> origin_of(const Plan& plan) {
  if (!plan.start_at) return std::nullopt;
  return Clock::now() + (*plan.start_at - std::chrono::system_clock::now().time_since_epoch());
}

void wait_until(Clock::time_point time) {
  while (Clock::now() < time && !interrupted()) {
    std::this_thread::sleep_for(
        std::min<Clock::duration>(time - Clock::now(), std::chrono::milliseconds(50)));
  }
}

}  // namespace

Run run(const Plan& plan, std::FILE* stream) {
  const ClientFactory clients(plan);
  Observer observer(plan.threads);
  std::deque<Worker> workers;
  for (std::uint32_t i = 0; i < plan.threads; ++i) workers.emplace_back(plan, clients, i, observer);
  const auto origin = origin_of(plan);
  // An open loop connects before; a closed one sends as soon as it is connected.
  if (origin && !plan.rate) wait_until(*origin);
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (Worker& worker : workers) {
    threads.emplace_back([&worker, start, origin] { worker.run(start, origin.value_or(start)); });
  }
  {
    const Progress progress(plan, observer, stream);
    for (std::thread& thread : threads) thread.join();
  }
  Run run{.elapsed = Clock::now() - start,
          .origin = origin.value_or(start),
          .interrupted = interrupted()};
  for (const Worker& worker : workers) merge_parts(run.parts, worker.parts());
  for (const Tally& part : run.parts) run.tally.merge(part);
  if (run.parts.size() == 1) run.parts.clear();
  if (!plan.rate) {
    // A closed loop has no due times: a message is due when it is sent.
    run.tally.intended = run.tally.service;
    run.tally.planned = plan.messages ? plan.messages_here() : run.tally.sent;
  } else if (plan.messages) {
    run.tally.planned = plan.messages_here();
  }
  return run;
}

}  // namespace contend::loadgen
