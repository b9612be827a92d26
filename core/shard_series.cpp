#include "core/shard_series.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "core/latency_bands.hpp"

namespace contend {
namespace {

constexpr const char* counts_up = "clients_served";
constexpr const char* rate = "throughput_per_second";
constexpr const char* mean = "latency_mean_ns";

/// The sum of all parts each time that one of them changed, at about a hundred times.
std::vector<Point> add_steps(std::vector<Point> steps) {
  std::ranges::stable_sort(steps, {}, &Point::t);
  const std::size_t stride = std::max<std::size_t>(1, steps.size() / 100);
  std::vector<Point> sum;
  double value = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    value += steps[i].value;
    if (i % stride == 0 || i + 1 == steps.size()) sum.push_back({steps[i].t, value});
  }
  return sum;
}

class Sum {
 public:
  explicit Sum(double width) : width_(width) {}

  void add(const Case& part) {
    const double share = width_ == 0 ? 1 : std::min(1.0, interval_width(part.series) / width_);
    const std::map<double, double> weights = answers_of(part);
    for (const Series& series : part.series) {
      note(series);
      if (series.name == counts_up) {
        double before = 0;
        for (const Point& point : series.points) {
          steps_.push_back({point.t, point.value - before});
          before = point.value;
        }
        continue;
      }
      for (const Point& point : series.points) {
        const auto weight = weights.find(point.t);
        add_point(series.name, point, share, weight == weights.end() ? 0 : weight->second);
      }
    }
  }

  std::vector<Series> result() {
    for (Series& series : all_) {
      if (series.name == counts_up) series.points = add_steps(std::move(steps_));
      for (const auto& [t, value] : bins_[series.name]) {
        const double weight = series.name == mean ? weights_[t] : 1;
        if (weight > 0) series.points.push_back({t, value / weight});
      }
    }
    return std::move(all_);
  }

 private:
  static std::map<double, double> answers_of(const Case& part) {
    std::map<double, double> all;
    for (const Series& series : part.series) {
      if (!latency_band(series)) continue;
      for (const Point& point : series.points) all[point.t] += point.value;
    }
    return all;
  }

  void note(const Series& series) {
    if (std::ranges::find(all_, series.name, &Series::name) != all_.end()) return;
    all_.push_back({series.name, series.unit, {}});
  }

  void add_point(const std::string& name, const Point& point, double share, double weight) {
    const double t = width_ == 0 ? point.t : std::floor(point.t / width_ + 1e-6) * width_;
    const auto [bin, fresh] = bins_[name].try_emplace(t, 0);
    if (name == mean) {
      bin->second += point.value * weight;
      weights_[t] += weight;
    } else if (name.ends_with("_max_ns")) {
      bin->second = std::max(bin->second, point.value);
    } else {
      bin->second += name == rate ? point.value * share : point.value;
    }
  }

  double width_;
  std::vector<Series> all_;
  std::vector<Point> steps_;
  std::map<std::string, std::map<double, double>> bins_;  // by the beginning of the interval
  std::map<double, double> weights_;
};

}  // namespace

std::vector<Series> add_series(const std::vector<Report>& parts) {
  double width = 0;
  for (const Report& part : parts) {
    width = std::max(width, interval_width(part.cases.front().series));
  }
  Sum sum(width);
  for (const Report& part : parts) sum.add(part.cases.front());
  return sum.result();
}

}  // namespace contend
