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

#include "races/runner/meeting.hpp"
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
// A report needs no true overlap, and a deadlock in the first trial would prevent it: in every
// other round one actor gets a head start that lasts about a batch.
constexpr std::uint64_t head_start = 1u << 23;
#else
constexpr std::size_t most_bytes = 8u << 20;
constexpr std::uint64_t head_start = 0;
#endif
constexpr auto round_length = 10ms;
constexpr auto tell_every = 200ms;
constexpr std::size_t rendezvous_states = 512;

/// Small, fast and seeded; the quality of a delay does not matter.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  std::uint64_t state_;
};

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
  std::size_t arrangement = 0;
  std::uint64_t round = 0;
  std::uint64_t delay_mask = 0;
  std::uint64_t head_start = 0;  // of leader
  std::size_t leader = 0;
  std::size_t first_cpu = 0;
  bool is_pinned = true;
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
        watch_(actors_, meeting_),
        random_(plan.seed) {
    arrange();
    for (const Arrangement& each : arrangements_) {
      largest_ = std::max(largest_, each.states);
    }
    counts_.assign(actors_, std::vector<Counts>(arrangements_.size()));
    const std::size_t alignment = std::max<std::size_t>(experiment.body.alignment, 64);
    const std::size_t bytes = (largest_ * experiment.body.size + alignment - 1) / alignment;
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

  /// What one actor brings to every meeting of a rendezvous.
  struct Companion {
    Meeting* meeting;
    std::size_t actor;
    Random random;
    std::uint64_t mask;
  };

  static void meet(void* context) {
    auto& me = *static_cast<Companion*>(context);
    me.meeting->arrive_and_wait(me.actor);
    delay(me.random.next() & me.mask);
  }

  void arrange() {
    const std::size_t fit = std::min(most_bytes / experiment_.body.size, experiment_.most_states);
    if (experiment_.shape != Shape::rendezvous) {
      for (std::size_t states = 64; states <= (1u << 20); states *= 8) {
        const std::size_t fitting =
            std::clamp<std::size_t>(states, 1, std::max<std::size_t>(fit, 1));
        if (!arrangements_.empty() && arrangements_.back().states == fitting) break;
        arrangements_.push_back({false, fitting, {}, {}});
      }
    }
    if (experiment_.shape != Shape::arrays) {
      arrangements_.push_back(
          {true,
           std::clamp<std::size_t>(rendezvous_states, 1, std::max<std::size_t>(fit, 1)),
           {},
           {}});
    }
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
      if (batch.round != round) {
        round = batch.round;
        pin_to(batch.is_pinned ? std::vector{cpus_[(batch.first_cpu + me) % cpus_.size()]} : cpus_);
      }
      if (me == 0) look_at_counts();
      const Arrangement& arrangement = arrangements_[batch.arrangement];
      const std::size_t from = arrangement.states * me / actors_;
      const std::size_t until = arrangement.states * (me + 1) / actors_;
      std::byte* mine = memory_.get() + from * body.size;
      body.construct_all(mine, until - from);
      companion.mask = batch.delay_mask;
      meeting_.arrive_and_wait(me);
      if (me != batch.leader) delay(batch.head_start);
      if (!arrangement.is_rendezvous) delay(companion.random.next() & batch.delay_mask);
      // A head start is lost where the actors meet again before each state.
      const bool meets = arrangement.is_rendezvous && batch.head_start == 0;
      body.sweeps[me](memory_.get(), arrangement.states, meets ? &meet : nullptr, &companion);
      meeting_.arrive_and_wait(me);
      body.finish_all(mine, until - from, counts_[me][batch.arrangement]);
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

  /// First actor, after its batch: plans the next.
  void end_batch() {
    watch_.batch_ended();
    const auto now = Clock::now();
    elapsed_[batch_.arrangement] += now - batch_began_;
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

  /// Every arrangement gets its turn; delays and places are drawn.
  void plan_round() {
    if (batch_.round == 0) elapsed_.assign(arrangements_.size(), {});
    batch_began_ = Clock::now();
    batch_.arrangement = (batch_.round + plan_.seed) % arrangements_.size();
    ++batch_.round;
    batch_.delay_mask = (std::uint64_t{1} << (random_.next() % 9)) - 1;
    batch_.head_start = batch_.round % 2 == 1 ? head_start : 0;
    batch_.leader = random_.next() % actors_;
    batch_.first_cpu = random_.next() % cpus_.size();
    batch_.is_pinned = random_.next() % 8 != 0;
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

  std::vector<Arrangement> arrangements_;
  std::size_t largest_ = 1;
  std::unique_ptr<std::byte, Free> memory_;
  std::vector<std::vector<Counts>> counts_;  // by actor, then by arrangement

  Batch batch_;  // the first actor's, until a meeting

  // Of the first actor alone.
  Random random_;
  std::vector<std::chrono::nanoseconds> elapsed_;
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
