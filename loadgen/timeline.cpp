#include "loadgen/timeline.hpp"

#include <algorithm>
#include <bit>

#include "core/latency_bands.hpp"
#include "core/warm_up.hpp"

namespace contend::loadgen {
namespace {

// Band 0 begins here: a microsecond.
constexpr unsigned first_octave = 10;

}  // namespace

std::int64_t Timeline::band_begin(std::size_t band) {
  const std::int64_t octave = std::int64_t{1} << (first_octave + band / 2);
  return band % 2 == 0 ? octave : octave + octave / 2;
}

std::size_t Timeline::band_of(Nanoseconds latency) {
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 1));
  const auto octave = static_cast<unsigned>(std::bit_width(ns)) - 1;
  if (octave < first_octave) return 0;
  const std::size_t upper_half = (ns >> (octave - 1)) & 1U;
  return std::min<std::size_t>(2 * (octave - first_octave) + upper_half, bands - 1);
}

void Timeline::Interval::add(const Interval& other) {
  answers += other.answers;
  sum_ns += other.sum_ns;
  longest_ns = std::max(longest_ns, other.longest_ns);
  for (std::size_t i = 0; i < bands; ++i) in_band[i] += other.in_band[i];
}

Timeline::Interval& Timeline::at(std::uint64_t since_ns) {
  while (since_ns >> width_bits_ >= most_intervals) widen();
  const auto index = static_cast<std::size_t>(since_ns >> width_bits_);
  if (index >= intervals_.size()) intervals_.resize(index + 1);
  return intervals_[index];
}

void Timeline::record(Clock::time_point now, Nanoseconds latency, std::uint64_t times) {
  const auto since_ns = std::max<std::int64_t>(Nanoseconds(now - start_).count(), 0);
  Interval& interval = at(static_cast<std::uint64_t>(since_ns));
  interval.answers += times;
  interval.sum_ns += latency.count() * static_cast<std::int64_t>(times);
  interval.longest_ns = std::max<std::int64_t>(interval.longest_ns, latency.count());
  interval.in_band[band_of(latency)] += static_cast<std::uint32_t>(times);
}

void Timeline::widen() {
  ++width_bits_;
  std::vector<Interval> half((intervals_.size() + 1) / 2);
  for (std::size_t i = 0; i < intervals_.size(); ++i) half[i / 2].add(intervals_[i]);
  intervals_ = std::move(half);
}

void Timeline::merge(const Timeline& other) {
  if (other.intervals_.empty()) return;
  if (intervals_.empty()) start_ = other.start_;
  while (width_bits_ < other.width_bits_) widen();
  for (std::size_t i = 0; i < other.intervals_.size(); ++i) {
    at(static_cast<std::uint64_t>(i) << other.width_bits_).add(other.intervals_[i]);
  }
}

double Timeline::seconds_at(std::size_t interval) const {
  return static_cast<double>(static_cast<std::uint64_t>(interval) << width_bits_) / 1e9;
}

std::vector<double> Timeline::means() const {
  std::vector<double> all;
  for (std::size_t i = 0; i + 1 < intervals_.size(); ++i) {
    const Interval& each = intervals_[i];
    if (each.answers > 0) {
      all.push_back(static_cast<double>(each.sum_ns) / static_cast<double>(each.answers));
    } else {
      all.push_back(all.empty() ? no_mean : all.back());
    }
  }
  return all;
}

std::vector<Series> Timeline::series() const {
  Series rate{.name = "throughput_per_second", .unit = "messages/s", .points = {}};
  Series mean{.name = "latency_mean_ns", .unit = "ns", .points = {}};
  Series longest{.name = "latency_max_ns", .unit = "ns", .points = {}};
  std::array<Series, bands> in_band;
  for (std::size_t i = 0; i < intervals_.size(); ++i) {
    const Interval& each = intervals_[i];
    const double t = seconds_at(i);
    if (i + 1 < intervals_.size()) {
      rate.points.push_back({t, static_cast<double>(each.answers) / seconds_at(1)});
    }
    if (each.answers == 0) continue;
    const std::int64_t mean_ns = each.sum_ns / static_cast<std::int64_t>(each.answers);
    mean.points.push_back({t, static_cast<double>(mean_ns)});
    longest.points.push_back({t, static_cast<double>(each.longest_ns)});
    for (std::size_t band = 0; band < bands; ++band) {
      if (each.in_band[band] == 0) continue;
      in_band[band].points.push_back({t, static_cast<double>(each.in_band[band])});
    }
  }
  std::vector<Series> all{std::move(rate), std::move(mean), std::move(longest)};
  for (std::size_t band = 0; band < bands; ++band) {
    if (in_band[band].points.empty()) continue;
    in_band[band].name = series_name({.from = band_begin(band), .to = band_begin(band + 1)});
    all.push_back(std::move(in_band[band]));
  }
  return all;
}

}  // namespace contend::loadgen
