// Executions repeated inside one process. Only what is uneventful is counted here: the first that
// fails, races anew or ends early ends them all, and the driver runs it once more from its
// beginning, which is the one that is believed.
#include "races/explore/repeat.hpp"

#include <ctime>

#include "races/explore/runtime/fork_server.hpp"
#include "races/explore/runtime/heap.hpp"
#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"

namespace contend::explore {
namespace {

std::uint64_t processor_time() {
  timespec time{};
  kernel(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, reinterpret_cast<long>(&time));
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

// One execution and the step at its end, as a process of its own would do them.
int run_one(int (*once)(const void*), const void* argument) {
  if (scheduler.is_worth_withholding()) {
    withhold_identities();
  } else {
    give_identities();
  }
  scheduler.restart();
  const int code = once(argument);
  scheduler.step({Op::exit, 0, 0});
  heap.let_all_go();
  return code;
}

[[noreturn]] void run_many(int (*once)(const void*), const void* argument, Shared& shared) {
  Instruction& told = shared.instruction;
  Result& result = shared.result;
  result.race_count = told.known_races;
  const std::uint64_t began = processor_time();
  for (std::uint32_t i = 0; i < told.repeat; ++i, ++told.seed) {
    const int code = run_one(once, argument);
    if (code != 0 && told.count_failures) ++result.repeated_failures;
    const bool told_before = code == 0 || told.count_failures;
    if (!told_before || result.race_count != told.known_races || !scheduler.is_alone()) break;
    if (code == 0 && told.leaks) scheduler.leaks().look();
    if (result.leak_count > 0) break;
    ++result.repeated;
    result.repeated_steps += result.steps;
  }
  give_identities();
  result.processor_ns = processor_time() - began;
  controlled = false;
  end_process(0);
}

}  // namespace
}  // namespace contend::explore

using namespace contend::explore;

int contend_explore_repeat(int (*once)(const void*), const void* argument) {
  if (!controlled) return once(argument);
  Shared& shared = scheduler.shared();
  shared.result.can_repeat = true;
  if (shared.instruction.repeat > 0) run_many(once, argument, shared);
  scheduler.restart();
  return once(argument);
}

void contend_explore_aside(void (*prepare)(void*), void* argument) {
  const bool was_controlled = controlled;
  controlled = false;
  prepare(argument);
  controlled = was_controlled;
}
