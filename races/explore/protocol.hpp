// What the driver and the runtime inside the explored program tell each other: a mapped file that
// holds one instruction, one trace and one result. Plain data, no pointers; both sides are built
// from this header. It is not the replay file, which is JSON and outlives the build.
#pragma once

#include <cstddef>
#include <cstdint>

namespace contend::explore {

inline constexpr std::uint32_t protocol_version = 8;
inline constexpr const char* environment_name = "CONTEND_EXPLORE";  ///< "MEMORY_FD,COMMAND_FD"

inline constexpr std::uint32_t max_threads = 4096;
inline constexpr std::uint32_t max_choices = 1U << 20U;
inline constexpr std::uint32_t max_events = 1U << 18U;
inline constexpr std::uint32_t max_races = 64;
inline constexpr std::uint32_t max_waiters = 32;
inline constexpr std::uint32_t max_leaks = 32;
inline constexpr std::uint32_t max_frames = 24;
inline constexpr std::uint32_t racy_table_size = 4096;  ///< a power of two

/// What a thread does next, at a point where the scheduler may switch.
enum class Op : std::uint8_t {
  none,
  read,
  write,
  atomic_load,
  atomic_store,
  atomic_rmw,
  fence,
  lock,
  trylock,
  unlock,
  read_lock,
  write_lock,
  begin_wait,
  wait,
  notify_one,
  notify_all,
  semaphore_wait,
  semaphore_post,
  barrier,
  once,
  guard,
  futex_wait,
  futex_wake,
  create,
  join,
  sleep,
  yield,
  exit,
  io,
  clock,
  begin
};

inline constexpr bool writes(Op op) {
  return op != Op::read && op != Op::atomic_load;
}

enum class StrategyKind : std::uint8_t { first, random_walk, pct, pos, surw };

/// Runs this in place of the program: the tool shows that it finds what it must, and no more.
enum class Canary : std::uint8_t { none, broken, sound };

enum class ChoiceKind : std::uint8_t { thread, waiter, other };

/// One decision with more than one possible answer.
struct Choice {
  std::uint16_t picked = 0;  ///< an index; for threads, 0 is "go on" if `may_continue`
  std::uint16_t count = 0;   ///< how many there were to pick from
  std::uint16_t thread = 0;  ///< who was picked; repeated without a check: who shall be
  ChoiceKind kind = ChoiceKind::thread;
  bool may_continue = false;  ///< the running thread was among the candidates, first
  std::uint32_t check = 0;    ///< hash of everything that happened before; 0: do not compare
};

/// One step of a thread, in the order in which they happened.
struct Event {
  std::uint64_t pc = 0;
  std::uint64_t object = 0;
  std::uint16_t thread = 0;
  Op op = Op::none;
  bool timed_out = false;
  std::uint64_t callers[4] = {};     ///< the calls that led to pc, nearest first
  std::uint32_t choices_before = 0;  ///< how many choices had been made, this step's included
};

struct Stack {
  std::uint32_t count = 0;
  std::uint64_t pc[max_frames] = {};  ///< innermost first; return addresses
};

struct Access {
  std::uint16_t thread = 0;
  std::uint16_t size = 0;
  bool write = false;
  bool atomic = false;
  bool freed = false;  ///< not an access: the block was freed here
  Stack stack;
};

struct Race {
  std::uint64_t address = 0;
  Access earlier;
  Access later;
};

/// Why a thread can not go on.
struct Waiter {
  std::uint16_t thread = 0;
  Op op = Op::none;
  bool has_holder = false;
  std::uint16_t holder = 0;
  std::uint64_t object = 0;
  Stack stack;
};

/// Blocks that one call in the program allocated, and that nobody can reach at the end.
struct Leak {
  std::uint64_t place = 0;  ///< the call, relative to the program; 0 a library's own
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
  std::uint16_t thread = 0;  ///< who called, the first time
  Stack stack;
};

enum class Ending : std::uint8_t {
  running,       ///< still going, or it left by exit: the wait status says how
  crashed,       ///< a signal; `signal`, `thread` and `stack` say where
  deadlock,      ///< nobody could go on; `waiters`
  livelock,      ///< the step bound
  diverged,      ///< the schedule did not fit the program; `where` is the choice
  uncontrolled,  ///< something we cannot control; `text` names it
  heap           ///< double free or a freed block written; `text`, `stack`
};

struct Result {
  Ending ending = Ending::running;
  std::int32_t signal = 0;
  std::uint16_t thread = 0;
  std::uint32_t where = 0;
  std::uint32_t waiter_count = 0;
  std::uint32_t thread_count = 0;
  std::uint32_t race_count = 0;
  std::uint32_t leak_count = 0;
  std::uint64_t hash = 0;
  std::uint64_t fault_address = 0;
  std::uint32_t choices = 0;
  std::uint32_t fair_from = ~0U;   ///< the first choice past half of the step bound: chance's
  std::uint32_t events = 0;        ///< how many of them are in the trace
  std::uint64_t steps = 0;         ///< all of them
  std::uint32_t probed_locks = 0;  ///< trylock and its like were seen
  bool spun = false;               ///< a thread spun or yielded, and others had to go first
  bool can_repeat = false;         ///< the program offers to be repeated in one process
  std::uint32_t repeated = 0;      ///< uneventful executions before the one that ended it, or all
  std::uint32_t repeated_failures = 0;
  std::uint64_t repeated_steps = 0;
  std::uint64_t processor_ns = 0;  ///< all repetitions took together
  std::uint64_t accesses = 0;      ///< calls by instrumented code; 0: there is none
  char text[96] = {};
  Stack stack;
};

struct Instruction {
  StrategyKind strategy = StrategyKind::random_walk;
  Canary canary = Canary::none;
  std::uint8_t depth = 3;      ///< PCT's d
  bool every_access = false;   ///< choice points at every access instead of the learnt ones
  bool unlock_points = false;  ///< releasing a lock is a choice point: somebody tries locks
  bool start_points = false;   ///< that a thread begins is a step: else it runs to its first one
  bool weak_memory = false;
  bool strict = false;        ///< leaving the prefix's checks is a divergence
  bool stop_at_end = false;   ///< raise SIGTRAP for a debugger where the failure is reported
  bool stop_at_race = false;  ///< the same at the first race
  bool leaks = true;          ///< look for them at the end
  std::uint64_t seed = 0;
  std::uint64_t step_limit = 100'000;
  std::uint32_t expected_steps = 100;  ///< PCT's k
  std::uint32_t prefix_length = 0;     ///< choices to repeat before the strategy decides
  std::uint64_t target = 0;            ///< SURW: the object whose events count; 0: all do
  std::uint32_t learnt_threads = 0;    ///< SURW: valid entries of weight and parent
  std::uint32_t repeat = 0;       ///< executions in one process, each with the next seed; 0: one
  std::uint32_t known_races = 0;  ///< repeating: races[] holds so many that are no news
  bool count_failures = false;    ///< repeating: a failing code is no news either
};

/// What SURW learnt about each thread, in order of creation.
struct Learnt {
  std::uint32_t weight = 0;  ///< events on the target
  std::uint16_t parent = 0;
};

/// Where choice points are: program counters of accesses that raced, relative to the program
/// or, of a shared library, as they are.
/// Open addressing, 0 is empty.
struct RacyTable {
  std::uint64_t pc[racy_table_size];
};

constexpr std::uint64_t racy_slot(std::uint64_t place) {
  return (place * 0x9e3779b97f4a7c15U) >> 52U;
}
static_assert(racy_table_size == 1U << 12U);

constexpr bool contains(const RacyTable& table, std::uint64_t place) {
  std::uint64_t at = racy_slot(place);
  while (table.pc[at] != place && table.pc[at] != 0) at = (at + 1) % racy_table_size;
  return table.pc[at] == place;
}

constexpr void insert(RacyTable& table, std::uint64_t place) {
  std::uint64_t at = racy_slot(place);
  while (table.pc[at] != place && table.pc[at] != 0) at = (at + 1) % racy_table_size;
  table.pc[at] = place;
}

struct Shared {
  std::uint32_t version;
  std::uint64_t base;    ///< where the program is loaded; written by the runtime once
  std::int32_t child;    ///< process id of the execution that runs now
  std::uint32_t served;  ///< executions that this process ended and outlived
  Instruction instruction;
  Result result;
  RacyTable racy;
  Learnt learnt[max_threads];
  Waiter waiters[max_waiters];
  Race races[max_races];
  Leak leaks[max_leaks];
  Event events[max_events];
  Choice choices[max_choices];
  Choice prefix[max_choices];
};

}  // namespace contend::explore
