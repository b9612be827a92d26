// Which rate to try next, on the way to the highest one that a server sustains. Pure: it is told
// how each step went and touches nothing.
#pragma once

#include <optional>

namespace contend::loadgen {

/// How a step at one rate went.
enum class StepResult {
  held,   ///< everything demanded was true
  broke,  ///< something demanded was not
  limit   ///< the generator itself was the limit: nothing is known of the server
};

/// Doubles until a step breaks, halves the gap (by ratio) until it is narrow, then confirms: the
/// rate found must hold once more. A rate that does not is given up for one a step lower.
class RateSearch {
 public:
  /// `lowest_rate`: below it nothing is tried.
  explicit RateSearch(double first_rate, double lowest_rate = 1)
      : rate_(first_rate), lowest_rate_(lowest_rate) {}

  /// Messages a second to try next; nothing when the search is over.
  std::optional<double> next() const;
  /// Whether the next step is the confirmation, which deserves a longer run.
  bool is_confirming() const { return phase_ == Phase::confirm; }
  /// How the step at next() went.
  void tell(StepResult result);

  /// The highest rate that held twice.
  std::optional<double> confirmed() const { return confirmed_; }
  /// The highest rate that held at all.
  std::optional<double> held() const { return low_; }
  /// Whether the generator, and not the server, ended the search upwards.
  bool generator_was_the_limit() const { return limited_; }

 private:
  enum class Phase { grow, shrink, bisect, confirm, over };

  void narrow();
  void retreat();

  Phase phase_ = Phase::grow;
  double rate_;
  double lowest_rate_;
  std::optional<double> low_;   // held
  std::optional<double> high_;  // broke, or was beyond us
  std::optional<double> confirmed_;
  int retreats_ = 0;
  bool limited_ = false;
};

}  // namespace contend::loadgen
