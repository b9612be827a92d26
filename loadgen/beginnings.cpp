#include "loadgen/beginnings.hpp"

#include <algorithm>
#include <utility>

#include "loadgen/observer.hpp"

namespace contend::loadgen {
namespace {

// Of a run of known length: five, the last one a little before the tenth, since looks are late now
// and then. Of another, from one interval of the timeline on.
constexpr std::int64_t share_of_last = 9;  // percent
constexpr int doublings = 4;
constexpr Nanoseconds shortest = std::chrono::milliseconds(10);

template <typename From>
void take_out(const Beginning& beginning, From& from) {
  from.intended = difference(from.intended, beginning.intended);
  from.service = difference(from.service, beginning.service);
  from.lag = difference(from.lag, beginning.lag);
}

}  // namespace

void Beginning::add(const Tally& tally) {
  intended.merge(tally.intended);
  service.merge(tally.service);
  lag.merge(tally.lag);
}

void Beginning::merge(const Beginning& other) {
  length = std::max(length, other.length);
  intended.merge(other.intended);
  service.merge(other.service);
  lag.merge(other.lag);
}

Beginnings::Beginnings(std::optional<Nanoseconds> run)
    : next_(run ? *run * share_of_last / (100 << doublings) : shortest),
      last_(run ? *run / 10 : Nanoseconds::max()),
      spare_(doublings + 1) {
  all_.reserve(spare_.size());
}

Beginning Beginnings::take_spare() {
  if (spare_.empty()) return {};
  Beginning spare = std::move(spare_.back());
  spare_.pop_back();
  return spare;
}

Clock::time_point Beginnings::next() const {
  const bool waits = start_ != Clock::time_point::max() && next_ <= last_;
  return waits ? start_ + next_ : Clock::time_point::max();
}

void Beginnings::keep(Clock::time_point now, std::span<const Tally> tallies) {
  const Nanoseconds length = now - start_;
  if (length > last_) {
    last_ = Nanoseconds{0};
    return;
  }
  next_ *= 2;
  Beginning beginning = take_spare();
  beginning.length = length;
  for (const Tally& tally : tallies) beginning.add(tally);
  all_.push_back(std::move(beginning));
}

void Beginnings::merge(const Beginnings& other) {
  all_.resize(std::min(all_.size(), other.all_.size()));
  for (std::size_t i = 0; i < all_.size(); ++i) all_[i].merge(other.all_[i]);
}

void Beginnings::end(Clock::time_point at) {
  std::erase_if(all_, [&](const Beginning& each) { return each.length > (at - start_) / 10; });
}

LeftOut leave_out(Nanoseconds warmup, const Beginnings& beginnings, Beginning& alone,
                  Tally& tally) {
  std::vector<Nanoseconds> lengths;
  for (const Beginning& each : beginnings.all()) lengths.push_back(each.length);
  std::vector<double> means = tally.timeline.means();
  const Nanoseconds width = tally.timeline.width();
  if (const auto whole = static_cast<std::size_t>(alone.length / width); whole > 0) {
    means.resize(std::min(means.size(), whole));
  }
  const LeftOut left_out = choose_beginning(lengths, warmup, means, width);
  if (!left_out.which) return left_out;
  const Beginning& beginning = beginnings.all()[*left_out.which];
  take_out(beginning, tally);
  if (alone.length > beginning.length) take_out(beginning, alone);
  return left_out;
}

}  // namespace contend::loadgen
