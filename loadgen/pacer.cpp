#include "loadgen/pacer.hpp"

#include <cmath>

#include "loadgen/message_size.hpp"

namespace contend::loadgen {

Pacer::Pacer(const Schedule& schedule, TimePoint start, TimePoint end)
    : schedule_(schedule), start_(start), end_(end) {
  // Equal gaps begin somewhere within the first, so that threads do not send in step.
  elapsed_seconds_ = gap_seconds(0);
  if (schedule.arrival == Arrival::uniform) {
    const auto random = static_cast<double>(scramble(schedule.seed, {}) >> 11) * 0x1p-53;
    elapsed_seconds_ *= random;
  }
  place();
}

double Pacer::gap_seconds(std::uint64_t index) const {
  const double mean = 1 / schedule_.rate_per_second;
  if (schedule_.arrival == Arrival::uniform) return mean;
  // In (0, 1], so that the logarithm is finite.
  const std::uint64_t random = scramble(schedule_.seed, {.client = 0, .number = index}) >> 11;
  return -mean * std::log((static_cast<double>(random) + 1) * 0x1p-53);
}

void Pacer::advance() {
  ++index_;
  elapsed_seconds_ += gap_seconds(index_);
  place();
}

void Pacer::place() {
  const auto elapsed = std::chrono::nanoseconds(std::llround(elapsed_seconds_ * 1e9));
  next_ = start_ + elapsed;
  if (next_ >= end_ || index_ >= schedule_.messages) next_ = TimePoint::max();
}

}  // namespace contend::loadgen
