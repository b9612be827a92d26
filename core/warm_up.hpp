// When a run has become itself: caches are filled, the server's threads are there. Pure.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>

#include "core/units.hpp"

namespace contend {

/// Whether values over time have neither a trend, nor halves that differ, nor a beginning unlike
/// the rest: the means of ten pieces must not rise or fall with time (Spearman's rank correlation,
/// 5 %), those of the first five and the last five must be the same (Welch's t, 5 %), and no cut of
/// up to a half may bring the marginal error down by a fifth. None: fewer than ten values cannot
/// say.
std::optional<bool> is_level(std::span<const double> values);

struct WarmUp {
  std::size_t cut = 0;        ///< 0, or one of the candidates
  std::optional<bool> level;  ///< what is left; none: too little to say
};

/// The one of the beginnings that may be cut off (ascending) whose cut makes the mean of the rest
/// most certain, if that is level. Else nothing is cut, since it would only hide something.
/// Source: the marginal standard error rule (MSER), White, Simulation 69 (1997).
WarmUp find_warm_up(std::span<const double> values, std::span<const std::size_t> candidates);

/// Of an interval before which nothing was answered either.
inline constexpr double no_mean = std::numeric_limits<double>::quiet_NaN();

struct LeftOut {
  Nanoseconds length{};              ///< from the start of the run
  std::optional<std::size_t> which;  ///< of the beginnings; none: no more than was not recorded
  std::optional<bool> stationary;    ///< what is left; none: too short to say
};

/// Which of the beginnings that were kept (ascending) a run is better without, as find_warm_up()
/// says of `means`, one for each interval of `width`; 0: all was in one interval. Those before the
/// first answer are no_mean. The first `unrecorded` of the run was not recorded in the first place.
LeftOut choose_beginning(std::span<const Nanoseconds> beginnings, Nanoseconds unrecorded,
                         std::span<const double> means, Nanoseconds width);

}  // namespace contend
