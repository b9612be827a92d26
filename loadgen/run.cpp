#include "loadgen/run.hpp"

#include <deque>
#include <thread>
#include <vector>

#include "core/interrupt.hpp"

#include "loadgen/progress.hpp"
#include "loadgen/worker.hpp"

namespace contend::loadgen {

Run run(const Plan& plan, std::FILE* stream) {
  const Wire wire = plan.message.empty() ? Wire(plan.payload, plan.sizes, plan.seed, plan.verify)
                                         : Wire(plan.message, plan.verify);
  Observer observer(plan.threads);
  std::deque<Worker> workers;
  for (std::uint32_t i = 0; i < plan.threads; ++i) workers.emplace_back(plan, wire, i, observer);
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (Worker& worker : workers) threads.emplace_back([&worker, start] { worker.run(start); });
  {
    const Progress progress(plan, observer, stream);
    for (std::thread& thread : threads) thread.join();
  }
  Run run{.elapsed = Clock::now() - start, .interrupted = interrupted()};
  for (const Worker& worker : workers) run.tally.merge(worker.tally());
  if (!plan.rate) {
    // A closed loop has no due times: a message is due when it is sent.
    run.tally.intended = run.tally.service;
    run.tally.planned = plan.messages.value_or(run.tally.sent);
  } else if (plan.messages) {
    run.tally.planned = *plan.messages;
  }
  return run;
}

}  // namespace contend::loadgen
