#include "races/explore/learner.hpp"

#include <algorithm>

namespace contend::explore {
namespace {

constexpr std::size_t most_objects = 4096;
constexpr std::uint64_t image_limit = 1ULL << 32U;

std::vector<std::uint64_t> racy_places(const Execution& execution, std::uint64_t base) {
  std::vector<std::uint64_t> places;
  for (const Race& race : execution.races) {
    for (const Access* side : {&race.earlier, &race.later}) {
      if (side->stack.count == 0 || side->freed) continue;
      const std::uint64_t place = side->stack.pc[0] - base;
      places.push_back(place < image_limit ? place : side->stack.pc[0]);  // in a shared library
    }
  }
  return places;
}

}  // namespace

bool Learner::knows(const Execution& execution, std::uint64_t base) const {
  const std::vector<std::uint64_t> places = racy_places(execution, base);
  return std::ranges::all_of(places, [&](std::uint64_t place) { return racy_.contains(place); });
}

bool Learner::learn(const Execution& execution, std::uint64_t base) {
  bool more = false;
  for (const std::uint64_t place : racy_places(execution, base)) {
    more = racy_.insert(place).second || more;
  }
  if (execution.result.probed_locks > 0 && !unlock_points_) more = unlock_points_ = true;
  longest_ = std::max(longest_, static_cast<std::uint32_t>(execution.result.steps));
  learn_events(execution.events);
  return more;
}

void Learner::learn_events(std::span<const Event> events) {
  std::map<std::uint64_t, Touches> now;
  for (const Event& event : events) {
    if (event.op == Op::create) {
      const auto child = static_cast<std::size_t>(event.object);
      if (parents_.size() <= child) parents_.resize(child + 1);
      parents_[child] = event.thread;
      continue;
    }
    if (event.object == 0 || event.op == Op::join) continue;
    Touches& touches = now[event.object];
    ++touches.events[event.thread];
    touches.changed = touches.changed || writes(event.op);
  }
  for (const auto& [object, touches] : now) {
    if (objects_.size() >= most_objects && !objects_.contains(object)) continue;
    Touches& known = objects_[object];
    const bool was_shared = known.changed && known.events.size() > 1;
    known.changed = known.changed || touches.changed;
    for (const auto& [thread, count] : touches.events) {
      std::uint32_t& most = known.events[thread];
      known.total += std::max(most, count) - most;
      most = std::max(most, count);
    }
    if (!was_shared && known.changed && known.events.size() > 1) shared_.push_back(object);
  }
}

std::uint64_t Learner::draw_object(std::uint64_t ticket) const {
  std::uint64_t total = 0;
  for (const std::uint64_t object : shared_) total += objects_.at(object).total;
  if (total == 0) return 0;
  // Half of the tickets by events, so that what is rarely touched has its turn too.
  if ((ticket & 1U) != 0) return shared_[(ticket >> 1U) % shared_.size()];
  std::uint64_t left = (ticket >> 1U) % total;
  for (const std::uint64_t object : shared_) {
    const std::uint64_t share = objects_.at(object).total;
    if (left < share) return object;
    left -= share;
  }
  return 0;
}

std::vector<Learnt> Learner::weights(std::uint64_t object) const {
  std::vector<Learnt> learnt(std::max<std::size_t>(parents_.size(), 1));
  for (std::size_t i = 0; i < parents_.size(); ++i) learnt[i].parent = parents_[i];
  const auto add = [&](const Touches& touches) {
    for (const auto& [thread, count] : touches.events) {
      if (thread < learnt.size()) learnt[thread].weight += count;
    }
  };
  if (object != 0) {
    if (const auto found = objects_.find(object); found != objects_.end()) add(found->second);
    return learnt;
  }
  for (const std::uint64_t shared : shared_) add(objects_.at(shared));
  return learnt;
}

}  // namespace contend::explore
