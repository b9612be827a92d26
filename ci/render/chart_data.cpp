#include "ci/render/chart_data.hpp"

#include <cmath>
#include <optional>

#include <boost/json.hpp>

#include "core/histogram_codec.hpp"
#include "core/latency_bands.hpp"
#include "core/printable.hpp"
#include "core/shard_warm_up.hpp"

#include "ci/render/plain_text.hpp"

namespace contend::ci {
namespace {

namespace json = boost::json;

/// Ten points a decade of the tail: p0, p90, p99, … are at 1, 10, 100.
json::value percentiles(const std::string& id, const Distribution& distribution) {
  const Expected<Histogram> histogram = decode_histogram(distribution.hdr);
  if (!histogram || histogram->count() == 0 || distribution.unit != "ns") return nullptr;
  json::array x;
  json::array y;
  const auto count = static_cast<double>(histogram->count());
  for (int step = 0; std::pow(10.0, step / 10.0) <= count; ++step) {
    const double inverse = std::pow(10.0, step / 10.0);
    x.push_back(std::round(inverse * 1000) / 1000);
    y.push_back(histogram->quantile(1 - 1 / inverse));
  }
  return json::object{{"case", valid_utf8(id)},
                      {"name", valid_utf8(distribution.name)},
                      {"x", std::move(x)},
                      {"y", std::move(y)}};
}

json::value series(const std::string& id, const Series& of) {
  json::array x;
  json::array y;
  for (const Point& point : of.points) {
    x.push_back(point.t);
    y.push_back(point.value);
  }
  return json::object{{"case", valid_utf8(id)},
                      {"name", valid_utf8(of.name)},
                      {"unit", valid_utf8(of.unit)},
                      {"x", std::move(x)},
                      {"y", std::move(y)}};
}

/// The width of an interval: the smallest distance of two points; 0 where there are none.
double smallest_gap(const Case& of) {
  double width = 0;
  for (const Series& each : of.series) {
    if (!latency_band(each)) continue;
    for (std::size_t i = 1; i < each.points.size(); ++i) {
      const double gap = each.points[i].t - each.points[i - 1].t;
      if (gap > 0 && (width == 0 || gap < width)) width = gap;
    }
  }
  return width;
}

/// How many answers took how long in which interval; null where nobody recorded that.
json::value heat_map(const Case& of) {
  constexpr double most_intervals = 10'000;
  const double width = smallest_gap(of);
  if (width <= 0) return nullptr;
  json::array bands;
  for (const Series& each : of.series) {
    const std::optional<LatencyBand> band = latency_band(each);
    if (!band) continue;
    json::array interval;
    json::array count;
    for (const Point& point : each.points) {
      const double at = std::round(point.t / width);
      if (at < 0 || at >= most_intervals) continue;
      interval.push_back(static_cast<std::int64_t>(at));
      count.push_back(point.value);
    }
    bands.push_back(json::object{{"from", band->from},
                                 {"to", band->to},
                                 {"interval", std::move(interval)},
                                 {"count", std::move(count)}});
  }
  return json::object{{"case", valid_utf8(of.id)}, {"width", width}, {"bands", std::move(bands)}};
}

json::value number(const Case& of, const char* name) {
  const Metric* metric = find_metric(of, name);
  return metric != nullptr && metric->value ? json::value(*metric->value) : json::value(nullptr);
}

/// "coroutine/c100" of "loadgen/coroutine/c100".
std::string within_room(const Case& of) {
  return of.id.substr(std::min(of.id.size(), room_of(of).size() + 1));
}

}  // namespace

json::object chart_data(const Report& report) {
  json::array curves;
  json::array lines;
  json::array maps;
  json::array models;
  for (const Case& each : report.cases) {
    for (const Distribution& of : each.distributions) {
      if (is_beginning(of.name)) continue;  // of a part of a plan: what was before the rest
      if (json::value curve = percentiles(each.id, of); !curve.is_null()) curves.push_back(curve);
    }
    for (const Series& of : each.series) {
      const bool is_over_time = !latency_band(of) && !of.name.starts_with("by_rate_");
      if (of.points.size() > 1 && is_over_time) lines.push_back(series(each.id, of));
    }
    if (json::value map = heat_map(each); !map.is_null()) maps.push_back(std::move(map));
    if (find_metric(each, "throughput_per_second") == nullptr) continue;
    models.push_back(json::object{{"name", valid_utf8(within_room(each))},
                                  {"rate", number(each, "throughput_per_second")},
                                  {"p99_ns", number(each, "intended_p99_ns")}});
  }
  return {{"percentiles", std::move(curves)},
          {"series", std::move(lines)},
          {"heat_maps", std::move(maps)},
          {"models", std::move(models)}};
}

}  // namespace contend::ci
