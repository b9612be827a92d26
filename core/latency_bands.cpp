#include "core/latency_bands.hpp"

#include <cinttypes>
#include <cstdio>

#include <fmt/format.h>

namespace contend {

std::string series_name(const LatencyBand& band) {
  return fmt::format("answers_from_{}_to_{}_ns", band.from, band.to);
}

std::optional<LatencyBand> latency_band(const Series& of) {
  LatencyBand band;
  int end = 0;
  const int read = std::sscanf(of.name.c_str(), "answers_from_%" SCNd64 "_to_%" SCNd64 "_ns%n",
                               &band.from, &band.to, &end);
  const bool whole = read == 2 && static_cast<std::size_t>(end) == of.name.size();
  if (!whole || band.from <= 0 || band.to <= band.from) return std::nullopt;
  return band;
}

double interval_width(const std::vector<Series>& series) {
  double width = 0;
  for (const Series& each : series) {
    if (each.name != "throughput_per_second" && !latency_band(each)) continue;
    for (const Point& point : each.points) {
      if (point.t > 0 && (width == 0 || point.t < width)) width = point.t;
    }
  }
  return width;
}

}  // namespace contend
