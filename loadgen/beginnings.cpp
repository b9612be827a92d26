#include "loadgen/beginnings.hpp"

#include <algorithm>

#include "loadgen/observer.hpp"

namespace contend::loadgen {

Clock::time_point Beginnings::next() const {
  if (run_ == Nanoseconds{0} || all_.size() == count) return Clock::time_point::max();
  // The last one a little before the tenth, since looks are late now and then.
  const auto after = static_cast<std::int64_t>(all_.size() + 1);
  return start_ + run_ * after * 9 / (100 * static_cast<std::int64_t>(count));
}

void Beginnings::keep(Clock::time_point now, std::span<const Tally> tallies) {
  const Nanoseconds length = now - start_;
  if (length > run_ / 10) {
    run_ = Nanoseconds{0};
    return;
  }
  Beginning beginning{.length = length};
  for (const Tally& tally : tallies) {
    beginning.intended.merge(tally.intended);
    beginning.service.merge(tally.service);
    beginning.lag.merge(tally.lag);
  }
  all_.push_back(std::move(beginning));
}

void Beginnings::merge(const Beginnings& other) {
  all_.resize(std::min(all_.size(), other.all_.size()));
  for (std::size_t i = 0; i < all_.size(); ++i) {
    all_[i].length = std::max(all_[i].length, other.all_[i].length);
    all_[i].intended.merge(other.all_[i].intended);
    all_[i].service.merge(other.all_[i].service);
    all_[i].lag.merge(other.all_[i].lag);
  }
}

LeftOut leave_out(Nanoseconds warmup, const Beginnings& beginnings, Tally& tally) {
  std::vector<Nanoseconds> lengths;
  for (const auto& each : beginnings.all()) lengths.push_back(each.length);
  const LeftOut left_out =
      choose_beginning(lengths, warmup, tally.timeline.means(), tally.timeline.width());
  if (!left_out.which) return left_out;
  const auto& beginning = beginnings.all()[*left_out.which];
  tally.service = difference(tally.service, beginning.service);
  tally.intended = difference(tally.intended, beginning.intended);
  tally.lag = difference(tally.lag, beginning.lag);
  return left_out;
}

}  // namespace contend::loadgen
