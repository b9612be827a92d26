#include "races/explore/minimise.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "races/explore/bounded_search.hpp"

namespace contend::explore {
namespace {

constexpr std::uint16_t nobody = max_threads;  ///< no thread: the running one goes on
constexpr std::uint32_t few = 1;               ///< preemptions, which need no further look
constexpr int most_left_out = 300;
constexpr int most_taken_out = 300;
constexpr int most_searched = 4000;   ///< schedules, where a process makes them all
constexpr int price_of_process = 20;  ///< of a new one, in such schedules

bool is_preemption(const Choice& choice) {
  return choice.kind == ChoiceKind::thread && choice.may_continue && choice.picked != 0;
}

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
  Minimiser(Target& target, const IsSame& same) : target_(target), same_(same) {}

  Expected<Schedule> run(const Schedule& found) {
    Expected<std::optional<Found>> again = try_choices(found, found.choices, false);
    if (!again) return again.error();
    if (!*again) return found;
    best_ = std::move(**again);
    for (std::uint32_t before = best_.preemptions() + 1; best_.preemptions() < before;) {
      before = best_.preemptions();
      if (before > few) {
        if (const auto done = leave_out(); !done) return done.error();
      }
      if (const auto done = take_out(); !done) return done.error();
    }
    if (best_.preemptions() > few) {
      if (const auto done = search_fewer(); !done) return done.error();
    }
    return std::move(best_.schedule);
  }

 private:
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

  /// Each preemption once. What is left behind one that went is another schedule.
  Expected<void> take_out() {
    for (std::size_t i = 0; i < best_.own && taken_out_ < most_taken_out; ++i) {
      for (const bool keep_rest : {false, true}) {
        if (i >= best_.own || !is_preemption(best_.schedule.choices[i])) break;
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
  /// first where it is none.
  Expected<void> search_fewer() {
    cost_ = 0;
    for (std::uint32_t bound = 0; bound < best_.preemptions(); ++bound) {
      for (const bool start_points : {false, true}) {
        if (start_points && !best_.schedule.start_points) continue;
        Schedule kind = best_.schedule;
        kind.start_points = start_points;
        const Expected<bool> found = search(kind, bound);
        if (!found) return found.error();
        if (*found || cost_ >= most_searched) return {};
      }
    }
    return {};
  }

  Expected<bool> search(const Schedule& kind, std::uint32_t bound) {
    BoundedSearch search(bound);
    while (!search.finished() && cost_ < most_searched) {
      const std::vector<Choice> prefix(search.prefix().begin(), search.prefix().end());
      auto found = try_choices(kind, prefix, true);
      if (!found) return found.error();
      if (*found && (*found)->preemptions() <= bound) {
        best_ = std::move(**found);
        return true;
      }
      if (!last_) return false;
      search.advance(*last_);
    }
    return false;
  }

  /// What it does; none if it does not fail as it must.
  Expected<std::optional<Found>> try_choices(const Schedule& like,
                                             const std::vector<Choice>& choices, bool strict) {
    Instruction told = instruction_of(like);
    told.strict = strict;
    last_.reset();
    const Expected<Execution> execution = target_.run(told, choices);
    if (!execution) return execution.error();
    cost_ += execution->process == process_ ? 1 : price_of_process;
    process_ = execution->process;
    if (unreliable(*execution)) return std::nullopt;
    last_ = execution->choices;
    const std::optional<Failure> failure =
        find_failure(*execution, target_.output(), like.rule, like.kind);
    if (!failure || !same_(*failure)) return std::nullopt;
    Found found{like, own_choices(*execution)};
    found.schedule.choices.assign(execution->choices.begin(), execution->choices.end());
    found.schedule.hash = execution->result.hash;
    found.schedule.message = failure->message;
    return found;
  }

  Target& target_;
  const IsSame& same_;
  Found best_;
  std::optional<std::span<const Choice>>
      last_;  ///< what the last execution chose, if it is to be relied on
  int cost_ = 0;
  std::int32_t process_ = 0;  ///< that made the last execution
  int left_out_ = 0;
  int taken_out_ = 0;
};

}  // namespace

Expected<Schedule> minimise(Target& target, const Schedule& found, const IsSame& same) {
  return Minimiser(target, same).run(found);
}

}  // namespace contend::explore
