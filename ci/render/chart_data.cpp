#include "ci/render/chart_data.hpp"

#include <cmath>

#include <boost/json.hpp>

#include "core/histogram_codec.hpp"
#include "core/printable.hpp"

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
  json::array models;
  for (const Case& each : report.cases) {
    for (const Distribution& of : each.distributions) {
      if (json::value curve = percentiles(each.id, of); !curve.is_null()) curves.push_back(curve);
    }
    for (const Series& of : each.series) {
      if (of.points.size() > 1) lines.push_back(series(each.id, of));
    }
    if (find_metric(each, "throughput_per_second") == nullptr) continue;
    models.push_back(json::object{{"name", valid_utf8(within_room(each))},
                                  {"rate", number(each, "throughput_per_second")},
                                  {"p99_ns", number(each, "intended_p99_ns")}});
  }
  return {{"percentiles", std::move(curves)},
          {"series", std::move(lines)},
          {"models", std::move(models)}};
}

}  // namespace contend::ci
