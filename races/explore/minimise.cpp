#include "races/explore/minimise.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "core/interrupt.hpp"

#include "races/explore/bounded_search.hpp"
#include "races/explore/judge.hpp"

namespace contend::explore {
namespace {

constexpr std::uint16_t nobody = max_threads;  ///< no thread: the running one goes on
constexpr std::uint32_t few = 1;               ///< preemptions, where shorter is not looked for
constexpr int most_left_out = 300;
constexpr int most_moved = 300;
constexpr int most_taken_out = 300;
constexpr int most_searched = 4000;   ///< schedules, where a process makes them all
constexpr int most_below_few = 1000;  ///< of those, to do without the last preemption
constexpr int most_anew = 1000;       ///< of those, with more choice points
constexpr std::uint32_t most_preemptions_anew = 2;
constexpr int price_of_process = 20;  ///< of a new one, in such schedules

/// The same choices up to `at`, where the running thread now goes on; with or without those after
/// it.
std::vector<Choice> without(std::span<const Choice> choices, std::size_t at, bool keep_rest) {
  std::vector<Choice> fewer(
      choices.begin(),
      keep_rest ? choices.end() : choices.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  fewer[at].thread = nobody;
  for (std::size_t i = at; i < fewer.size(); ++i) fewer[i].check = 0;
  return fewer;
}

/// The same without those in [begin, end): who was picked there does it later, the others as they
/// did.
std::vector<Choice> without(std::span<const Choice> choices, std::size_t begin, std::size_t end) {
  std::vector<Choice> fewer(choices.begin(), choices.end());
  const auto first = fewer.begin();
  fewer.erase(first + static_cast<std::ptrdiff_t>(begin), first + static_cast<std::ptrdiff_t>(end));
  for (std::size_t i = begin; i < fewer.size(); ++i) fewer[i].check = 0;
  return fewer;
}

/// The same, and those in [middle, end) come before those in [begin, middle).
std::vector<Choice> exchanged(std::span<const Choice> choices, std::size_t begin,
                              std::size_t middle, std::size_t end) {
  std::vector<Choice> moved(choices.begin(), choices.end());
  const auto at = [&](std::size_t i) { return moved.begin() + static_cast<std::ptrdiff_t>(i); };
  std::rotate(at(begin), at(middle), at(end));
  for (std::size_t i = begin; i < moved.size(); ++i) moved[i].check = 0;
  return moved;
}

/// How many choices were the schedule's: in a livelock the rest are the loop, by chance.
std::size_t own_choices(const Execution& execution) {
  return std::min<std::size_t>(execution.result.fair_from, execution.choices.size());
}

/// A schedule, and how much of it is worth looking at.
struct Found {
  Schedule schedule;
  std::size_t own = 0;

  std::uint32_t preemptions() const {
    return count_preemptions(std::span(schedule.choices).first(own));
  }
  bool is_simpler_than(const Found& other) const {
    return std::pair(preemptions(), own) < std::pair(other.preemptions(), other.own);
  }
};

class Minimiser {
 public:
  Minimiser(Target& target, const Learner& learnt, const Fails& fails,
            std::chrono::steady_clock::time_point end)
      : target_(target), learnt_(learnt), fails_(fails), end_(end) {}

  Expected<Minimised> run(const Schedule& found) {
    const std::vector<std::uint64_t> racy(learnt_.racy().begin(), learnt_.racy().end());
    const bool all_points = racy == found.racy && found.unlock_points == learnt_.unlock_points();
    if (!all_points) {
      const Expected<bool> anew = search_anew(found, racy);
      if (!anew) return anew.error();
      if (*anew) return result(!found.start_points);
    }
    Expected<std::optional<Found>> again = try_choices(found, found.choices, false);
    if (!again) return again.error();
    if (!*again) return Minimised{found, count_preemptions(found.choices), false};
    best_ = std::move(**again);
    for (std::uint32_t before = best_.preemptions() + 1; best_.preemptions() < before;) {
      before = best_.preemptions();
      if (before > few) {
        if (const auto done = leave_out(); !done) return done.error();
        if (const auto done = bring_together(); !done) return done.error();
      }
      if (const auto done = take_out(); !done) return done.error();
    }
    const Expected<bool> fewest = search_fewer();
    if (!fewest) return fewest.error();
    return result(*fewest && all_points);
  }

 private:
  enum class Searched { found, in_vain, in_part };

  /// Found under fewer choice points, an access is where its thread happened to be: with all of
  /// them one sees it, and which preemptions it takes.
  Expected<bool> search_anew(const Schedule& found, const std::vector<std::uint64_t>& racy) {
    Schedule kind = found;
    kind.racy = racy;
    kind.unlock_points = learnt_.unlock_points();
    kind.start_points = false;
    target_.set_racy(racy);
    cost_ = 0;
    most_ = most_anew;
    for (std::uint32_t bound = 0; bound <= most_preemptions_anew; ++bound) {
      const Expected<Searched> searched = search(kind, bound);
      if (!searched) return searched.error();
      if (*searched == Searched::found) return true;
      if (*searched == Searched::in_part) break;
    }
    target_.set_racy(found.racy);
    return false;
  }

  Minimised result(bool fewest) {
    const std::uint32_t preemptions = best_.preemptions();
    return {std::move(best_.schedule), preemptions, fewest && !news_};
  }

  /// Where each thread's turns begin, and the end.
  std::vector<std::size_t> turns() const {
    std::vector<std::size_t> begins;
    const std::vector<Choice>& choices = best_.schedule.choices;
    for (std::size_t i = 0; i < best_.own; ++i) {
      if (i == 0 || choices[i].thread != choices[i - 1].thread) begins.push_back(i);
    }
    begins.push_back(best_.own);
    return begins;
  }

  /// Many turns at once, then fewer and fewer, as in delta debugging: Zeller, Hildebrandt,
  /// "Simplifying and Isolating Failure-Inducing Input", TSE 2002.
  Expected<void> leave_out() {
    for (std::size_t many = turns().size() / 2; many > 0; many /= 2) {
      for (std::size_t i = 0; i + many < turns().size() && left_out_ < most_left_out;) {
        ++left_out_;
        const std::vector<std::size_t> all = turns();
        auto other = try_choices(best_.schedule,
                                 without(best_.schedule.choices, all[i], all[i + many]), false);
        if (!other) return other.error();
        if (*other && (*other)->is_simpler_than(best_)) {
          best_ = std::move(**other);
        } else {
          ++i;
        }
      }
    }
    return {};
  }

  /// Two turns of a thread become one, where the first was or where the second was.
  Expected<void> bring_together() {
    for (std::size_t i = 0; i + 2 < turns().size() && moved_ < most_moved;) {
      const std::vector<std::size_t> all = turns();
      const std::vector<Choice>& choices = best_.schedule.choices;
      std::size_t next = i + 2;
      while (next + 1 < all.size() && choices[all[next]].thread != choices[all[i]].thread) ++next;
      bool better = false;
      for (const bool first_waits : {true, false}) {
        if (better || next + 1 == all.size()) break;
        ++moved_;
        const auto other_order = first_waits
                                     ? exchanged(choices, all[i], all[i + 1], all[next])
                                     : exchanged(choices, all[i + 1], all[next], all[next + 1]);
        auto other = try_choices(best_.schedule, other_order, false);
        if (!other) return other.error();
        better = *other && (*other)->is_simpler_than(best_);
        if (better) best_ = std::move(**other);
      }
      if (!better) ++i;
    }
    return {};
  }

  /// Each preemption once. What is left behind one that went is another schedule.
  Expected<void> take_out() {
    for (std::size_t i = 0; i < best_.own && taken_out_ < most_taken_out; ++i) {
      for (const bool keep_rest : {false, true}) {
        if (i >= best_.own || !preempts(best_.schedule.choices[i])) break;
        ++taken_out_;
        auto other =
            try_choices(best_.schedule, without(best_.schedule.choices, i, keep_rest), false);
        if (!other) return other.error();
        if (*other && (*other)->preemptions() < best_.preemptions()) best_ = std::move(**other);
      }
    }
    return {};
  }

  /// All schedules with no preemption, with one, …, and where a thread's beginning is a step those
  /// first where it is none. Whether all with fewer than are left were tried.
  Expected<bool> search_fewer() {
    cost_ = 0;
    most_ = best_.preemptions() > few ? most_searched : most_below_few;
    for (std::uint32_t bound = 0; bound < best_.preemptions(); ++bound) {
      for (const bool start_points : {false, true}) {
        if (start_points && !best_.schedule.start_points) continue;
        Schedule kind = best_.schedule;
        kind.start_points = start_points;
        const Expected<Searched> found = search(kind, bound);
        if (!found) return found.error();
        if (*found == Searched::in_part) return false;
        if (*found == Searched::found) break;
      }
    }
    return true;
  }

  Expected<Searched> search(const Schedule& kind, std::uint32_t bound) {
    BoundedSearch search(bound);
    while (!search.finished() && cost_ < most_) {
      const std::vector<Choice> prefix(search.prefix().begin(), search.prefix().end());
      auto found = try_choices(kind, prefix, true);
      if (!found) return found.error();
      if (*found && (*found)->preemptions() <= bound) {
        best_ = std::move(**found);
        return Searched::found;
      }
      if (!last_) return Searched::in_part;
      search.advance(*last_);
    }
    return search.finished() ? Searched::in_vain : Searched::in_part;
  }

  /// What it does; none if it does not fail as it must.
  Expected<std::optional<Found>> try_choices(const Schedule& like,
                                             const std::vector<Choice>& choices, bool strict) {
    Instruction told = instruction_of(like);
    told.strict = strict;
    last_.reset();
    if (interrupted() || std::chrono::steady_clock::now() >= end_) return std::nullopt;
    const Expected<Execution> execution = target_.run(told, choices);
    if (!execution) return execution.error();
    cost_ += execution->process == process_ ? 1 : price_of_process;
    process_ = execution->process;
    if (unreliable(*execution)) return std::nullopt;
    news_ = news_ || !learnt_.knows(*execution, target_.base());
    last_ = execution->choices;
    if (!fails_(*execution)) return std::nullopt;
    Found found{like, own_choices(*execution)};
    found.schedule.choices.assign(execution->choices.begin(), execution->choices.end());
    found.schedule.hash = execution->result.hash;
    return found;
  }

  Target& target_;
  const Learner& learnt_;
  const Fails& fails_;
  std::chrono::steady_clock::time_point end_;
  bool news_ = false;  ///< an access raced that is no choice point yet
  Found best_;
  std::optional<std::span<const Choice>>
      last_;  ///< what the last execution chose, if it is to be relied on
  int cost_ = 0;
  int most_ = 0;
  std::int32_t process_ = 0;  ///< that made the last execution
  int left_out_ = 0;
  int moved_ = 0;
  int taken_out_ = 0;
};

}  // namespace

Expected<Minimised> minimise(Target& target, const Schedule& found, const Learner& learnt,
                             const Fails& fails, std::chrono::steady_clock::time_point end) {
  return Minimiser(target, learnt, fails, end).run(found);
}

std::string describe_preemptions(const Minimised& minimised) {
  const std::uint32_t many = minimised.preemptions;
  if (many == 0) return "no preemption is needed";
  return fmt::format("{} preemption{}; {}", many, many == 1 ? "" : "s",
                     !minimised.fewest ? "not every schedule with fewer was tried"
                     : many == 1       ? "without one it does not happen"
                                       : "with fewer it does not happen");
}

}  // namespace contend::explore
