// Compares two sets of repeated measurements by ranks, since latencies are neither normal nor free
// of outliers. Pure functions of numbers; what a change means is judged in ci/compare.hpp.
#pragma once

#include <optional>
#include <span>

namespace contend::ci {

double median(std::span<const double> values);

/// Two-sided Mann–Whitney test: how likely two samples of one population differ in rank this much.
/// Exact, ties included, up to 60 values in all; above that the normal approximation with ties
/// corrected for. 1 where a sample is empty.
/// Source: Mann, Whitney 1947; conditional on ties, Lehmann, Nonparametrics, 1975.
double rank_test(std::span<const double> a, std::span<const double> b);

struct Shift {
  double estimate = 0;
  double low = 0;  ///< of the confidence interval
  double high = 0;
};

/// By how much b lies above a: the median of all differences (Hodges, Lehmann 1963) and the
/// interval that belongs to the rank test: without ties it leaves out 0 exactly where p <= alpha.
/// None where the samples are too small for any interval at this alpha (0.05 needs 4 and 4).
std::optional<Shift> rank_shift(std::span<const double> a, std::span<const double> b, double alpha);

/// The same as a ratio less 1 (0.1: b is a tenth above a), from logarithms where all values are
/// above zero, else as a share of a's median, or in a's own unit where that is 0.
std::optional<Shift> relative_shift(std::span<const double> a, std::span<const double> b,
                                    double alpha);

/// The smallest true change that data with this interval show four times in five (normal theory
/// at alpha 0.05).
double detectable(const Shift& shift);

}  // namespace contend::ci
