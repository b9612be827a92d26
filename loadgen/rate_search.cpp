#include "loadgen/rate_search.hpp"

#include <algorithm>
#include <cmath>

namespace contend::loadgen {
namespace {

// The answer is at most this much below a rate that is known to break.
constexpr double precision = 1.05;
constexpr double highest_rate = 1e7;  // beyond any server
constexpr int most_retreats = 5;

}  // namespace

std::optional<double> RateSearch::next() const {
  if (phase_ == Phase::over) return std::nullopt;
  return rate_;
}

void RateSearch::tell(StepResult result) {
  const bool held = result == StepResult::held;
  if (result == StepResult::limit) limited_ = true;
  if (result == StepResult::broke) limited_ = false;  // now it is known where the server ends
  if (phase_ == Phase::confirm) {
    if (!held) return retreat();
    confirmed_ = rate_;
    phase_ = Phase::over;
    return;
  }
  (held ? low_ : high_) = rate_;
  narrow();
}

void RateSearch::narrow() {
  if (!high_) {
    rate_ *= 2;
    if (rate_ > highest_rate) phase_ = Phase::over;
  } else if (!low_) {
    phase_ = Phase::shrink;
    if (rate_ <= lowest_rate_) phase_ = Phase::over;
    rate_ = std::max(rate_ / 2, lowest_rate_);
  } else if (*high_ / *low_ > precision) {
    phase_ = Phase::bisect;
    rate_ = std::sqrt(*low_ * *high_);
  } else {
    phase_ = Phase::confirm;
    rate_ = *low_;
  }
}

void RateSearch::retreat() {
  rate_ /= precision;
  if (++retreats_ >= most_retreats) phase_ = Phase::over;
}

}  // namespace contend::loadgen
