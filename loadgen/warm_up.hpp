// When a run has become itself: caches are filled, the server's threads are there. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace contend::loadgen {

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

}  // namespace contend::loadgen
