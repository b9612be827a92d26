#include "races/explore/bounded_search.hpp"

#include <algorithm>

namespace contend::explore {

bool preempts(const Choice& choice) {
  return choice.kind == ChoiceKind::thread && choice.may_continue && choice.picked != 0;
}

std::uint32_t count_preemptions(std::span<const Choice> choices) {
  return static_cast<std::uint32_t>(std::ranges::count_if(choices, preempts));
}

void BoundedSearch::advance(std::span<const Choice> choices) {
  choices_.assign(choices.begin(), choices.end());
  std::uint32_t used = count_preemptions(choices_);
  while (!choices_.empty()) {
    Choice& last = choices_.back();
    if (preempts(last)) --used;
    if (last.picked + 1 < last.count) {
      Choice next = last;
      ++next.picked;
      if (!preempts(next) || used < bound_) {
        last = next;
        return;
      }
      cut_ = true;
    }
    choices_.pop_back();
  }
  finished_ = true;
}

}  // namespace contend::explore
