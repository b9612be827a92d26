#include "races/runner/stress.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <pthread.h>
#include <random>
#include <sched.h>
#include <thread>
#include <utility>

#include "races/runner/meeting.hpp"
#include "races/runner/pace.hpp"
#include "races/runner/sweep.hpp"
#include "races/runner/watch.hpp"

#if defined(__has_feature)
#define CONTEND_HAS_FEATURE(name) __has_feature(name)
#else
#define CONTEND_HAS_FEATURE(name) 0
#endif

namespace contend::races {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

#if defined(__SANITIZE_THREAD__) || CONTEND_HAS_FEATURE(thread_sanitizer)
// ThreadSanitizer searches a list of every address it has ever reported, at each race.
constexpr std::size_t most_bytes = 8u << 10;
// A report needs no true overlap, and a deadlock in the first trial would prevent it: in half of
// the rounds one actor gets a head start that lasts about a batch.
constexpr std::uint64_t head_start = 1u << 23;
// Its pauses are longer than any pace, and its reports name the block that the states lie in.
constexpr bool is_paced = false;
#else
constexpr std::size_t most_bytes = 8u << 20;
constexpr std::uint64_t head_start = 0;
constexpr bool is_paced = true;
#endif
constexpr auto round_length = 10ms;
constexpr auto tell_every = 200ms;
constexpr std::size_t cache_line = 64;
// Of a rendezvous by the clock: nanoseconds from one state to the next.
constexpr std::uint64_t shortest_period = 80;
constexpr std::uint64_t longest_period = 4000;
constexpr std::uint64_t longest_delay_in_period = 31;

void delay(std::uint64_t steps) {
  for (std::uint64_t i = 0; i < steps; ++i) asm volatile("" ::: "memory");
}

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

/// Best effort: an unpinned actor still races.
void pin_to(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

/// How the next batch goes. Written by the first actor before a meeting, read by all after it.
struct Batch {
  bool is_last = false;
  Round round;
  std::uint64_t head_start = 0;  // of the round's leader
  bool is_paced = false;         // a rendezvous by the clock, else by a meeting
};

class Stress {
 public:
  Stress(const Experiment& experiment, const StressPlan& plan,
         const std::function<unsigned()>& reports, const Progress& progress)
      : experiment_(experiment),
        plan_(plan),
        reports_(reports),
        progress_(progress),
        cpus_(allowed_cpus()),
        actors_(experiment.body.actors.size()),
        meeting_(actors_, actors_ <= cpus_.size()),
        watch_(actors_, meeting_, plan.budget),
        can_pace_(is_paced && actors_ <= cpus_.size() && has_common_ticks()),
        arrangements_(arrangements_of(experiment, most_bytes, can_pace_)),
        elapsed_(arrangements_.size()),
        sweep_(plan.seed, arrangements_.size(), actors_, cpus_) {
    if (can_pace_) ticks_per_microsecond_ = ticks_per_microsecond();
    pace_period_ = shortest_period * ticks_per_microsecond_ / 1000;
    std::size_t largest = 1;
    for (const Arrangement& each : arrangements_) {
      largest = std::max(largest, each.states * each.step);
    }
    counts_.assign(actors_, std::vector<Counts>(arrangements_.size()));
    const std::size_t alignment = std::max<std::size_t>(experiment.body.alignment, 64);
    const std::size_t bytes = (largest * experiment.body.size + alignment - 1) / alignment;
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, bytes * alignment)));
    if (!memory_) std::abort();
  }

  void run() {
    started_ = round_began_ = told_ = Clock::now();
    plan_round();
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < actors_; ++i) threads.emplace_back([this, i] { be_actor(i); });
    for (std::thread& thread : threads) thread.join();
    merge();
    progress_(merged_, true);
  }

 private:
  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };

  /// What one actor brings to every rendezvous.
  struct alignas(cache_line) Companion {
    Meeting* meeting;
    std::size_t actor;
    Random random;
    std::uint64_t mask;
    Pace pace{};
  };

  static void meet(void* context) {
    auto& me = *static_cast<Companion*>(context);
    me.meeting->arrive_and_wait(me.actor);
    delay(me.random.next() & me.mask);
  }

  static void meet_on_time(void* context) {
    auto& me = *static_cast<Companion*>(context);
    me.pace.await_next();
    delay(me.random.next() & me.mask & longest_delay_in_period);
  }

  /// How the actors of this batch meet before each state; null if they do not.
  Meet way_to_meet(const Batch& batch) const {
    // A head start is lost where the actors meet again before each state.
    if (!arrangements_[batch.round.arrangement].is_rendezvous || batch.head_start != 0)
      return nullptr;
    return batch.is_paced ? &meet_on_time : &meet;
  }

  void be_actor(std::size_t me) {
    // Sanitizers name it in their reports.
    pthread_setname_np(pthread_self(), ("actor" + std::to_string(me + 1)).c_str());
    tell_crashes();
    watch_.join(me);
    Companion companion{&meeting_, me, Random(plan_.seed + me + 1), 0};
    std::uint64_t round = 0;
    const Body& body = experiment_.body;
    while (true) {
      meeting_.arrive_and_wait(me);
      const Batch batch = batch_;
      if (batch.is_last) break;
      if (batch.round.number != round) {
        round = batch.round.number;
        pin_to(batch.round.is_pinned ? std::vector{batch.round.cpus[me]} : cpus_);
      }
      if (me == 0) look_at_counts();
      const Arrangement& arrangement = arrangements_[batch.round.arrangement];
      const std::size_t from = arrangement.states * me / actors_;
      const std::size_t until = arrangement.states * (me + 1) / actors_;
      std::byte* mine = memory_.get() + from * arrangement.step * body.size;
      body.construct_all(mine, until - from, arrangement.step);
      companion.mask = batch.round.delay_mask;
      if (me == 0 && batch.is_paced) pace_start_ = ticks() + ticks_per_microsecond_;
      meeting_.arrive_and_wait(me);
      companion.pace.begin(pace_start_, batch.is_paced ? pace_period_ : 0);
      if (me != batch.round.leader) delay(batch.head_start);
      if (!arrangement.is_rendezvous) delay(companion.random.next() & batch.round.delay_mask);
      body.sweeps[me](memory_.get(), arrangement.states, arrangement.step, way_to_meet(batch),
                      &companion);
      late_[me] = companion.pace.late();
      meeting_.arrive_and_wait(me);
      if (me == 0 && batch.is_paced) adapt_pace(arrangement.states);
      body.finish_all(mine, until - from, arrangement.step, counts_[me][batch.round.arrangement]);
      if (me == 0) end_batch();
    }
    watch_.leave();
  }

  /// First actor, while no other touches its counts: between the first meeting and the second.
  void look_at_counts() {
    const auto now = Clock::now();
    if (!wants_look_) return;
    wants_look_ = false;
    merge();
    if (!defect_seen_at_ && is_defect_seen()) defect_seen_at_ = now;
    if (now - told_ < tell_every) return;
    told_ = now;
    progress_(merged_, false);
  }

  /// First actor, while the others finish: as fast as most states begin on time. One late batch
  /// says nothing, since somebody else may have had the CPU; what is always late is for a meeting.
  void adapt_pace(std::size_t states) {
    const std::uint64_t longest = longest_period * ticks_per_microsecond_ / 1000;
    const std::uint64_t shortest = shortest_period * ticks_per_microsecond_ / 1000;
    const bool was_late = std::exchange(is_late_, *std::ranges::max_element(late_) > states / 2);
    if (!is_late_) {
      pace_period_ = std::max(pace_period_ - pace_period_ / 16, shortest);
    } else if (!was_late) {
      return;
    } else if (pace_period_ < longest) {
      pace_period_ = std::min(pace_period_ * 5 / 4, longest);
    } else {
      batch_.is_paced = false;
    }
  }

  /// First actor, after its batch: plans the next.
  void end_batch() {
    watch_.batch_ended();
    const auto now = Clock::now();
    elapsed_[batch_.round.arrangement] += now - batch_began_;
    batch_began_ = now;
    if (now - round_began_ < round_length) return;
    wants_look_ = true;
    batch_.is_last = is_enough(now);
    round_began_ = now;
    plan_round();
  }

  bool is_enough(Clock::time_point now) const {
    if (now - started_ >= plan_.budget) return true;
    if (plan_.awaits == Awaits::nothing) return now - started_ >= plan_.settle;
    return defect_seen_at_ && now - *defect_seen_at_ >= plan_.settle;
  }

  void plan_round() {
    batch_began_ = Clock::now();
    batch_.round = sweep_.next();
    batch_.head_start = batch_.round.has_head_start ? head_start : 0;
    batch_.is_paced = can_pace_ && batch_.round.is_by_clock &&
                      arrangements_[batch_.round.arrangement].is_rendezvous;
  }

  void merge() {
    merged_ = arrangements_;
    for (std::size_t i = 0; i < merged_.size(); ++i) {
      merged_[i].elapsed = elapsed_[i];
      for (const auto& of_actor : counts_) {
        for (const auto& [seen, times] : of_actor[i].all()) merged_[i].counts.add(seen, times);
      }
    }
  }

  bool is_defect_seen() const {
    return plan_.awaits == Awaits::report ? reports_() > 0 : has_forbidden();
  }

  bool has_forbidden() const {
    for (const Arrangement& each : merged_) {
      for (const auto& [seen, times] : each.counts.all()) {
        if (grade_of(to_text(seen)) == Grade::forbidden) return true;
      }
    }
    return false;
  }

  Grade grade_of(const std::string& text) const {
    Grade otherwise = Grade::acceptable;
    for (const Expectation& each : experiment_.expectations) {
      if (each.seen == text) return each.grade;
      if (each.seen == "*") otherwise = each.grade;
    }
    return otherwise;
  }

  const Experiment& experiment_;
  const StressPlan& plan_;
  const std::function<unsigned()>& reports_;
  const Progress& progress_;
  const std::vector<int> cpus_;
  const std::size_t actors_;
  Meeting meeting_;
  Watch watch_;
  const bool can_pace_;
  std::uint64_t ticks_per_microsecond_ = 0;

  const std::vector<Arrangement> arrangements_;  // with nothing counted
  std::unique_ptr<std::byte, Free> memory_;
  std::vector<std::chrono::nanoseconds> elapsed_;  // of the first actor, as is
  Sweep sweep_;
  std::vector<std::vector<Counts>> counts_;  // by actor, then by arrangement

  Batch batch_;  // the first actor's, until a meeting, as are these two
  std::uint64_t pace_start_ = 0;
  std::uint64_t pace_period_ = 0;
  std::array<std::size_t, most_actors> late_{};  // each actor's own, the first's after a meeting

  // Of the first actor alone.
  bool is_late_ = false;
  std::vector<Arrangement> merged_;
  bool wants_look_ = false;
  std::optional<Clock::time_point> defect_seen_at_;
  Clock::time_point started_, round_began_, batch_began_, told_;
};

}  // namespace

void stress(const Experiment& experiment, const StressPlan& plan,
            const std::function<unsigned()>& reports, const Progress& progress) {
  Stress(experiment, plan, reports, progress).run();
}

}  // namespace contend::races
