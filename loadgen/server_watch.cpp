#include "loadgen/server_watch.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace contend::loadgen {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr Clock::duration first_interval = 100ms;
// A series longer than this loses every other point, and goes on half as often.
constexpr std::size_t most_points = 1000;

/// The fields of /proc/PID/stat after the name, which may hold blanks: state is field 3.
std::vector<std::string> stat_fields(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(file, line);
  const std::size_t end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return {};
  std::istringstream words(line.substr(end_of_name + 1));
  return {std::istream_iterator<std::string>(words), {}};
}

void thin(std::vector<Point>& points) {
  std::vector<Point> half;
  for (std::size_t i = 0; i < points.size(); i += 2) half.push_back(points[i]);
  points = std::move(half);
}

}  // namespace

Expected<ProcessUse> look_at_process(pid_t pid) {
  constexpr std::size_t state = 0;
  constexpr std::size_t user_ticks = 11;
  constexpr std::size_t kernel_ticks = 12;
  constexpr std::size_t resident_pages = 21;
  const std::vector<std::string> fields = stat_fields(pid);
  if (fields.size() <= resident_pages || fields[state] == "Z" || fields[state] == "X") {
    return world_error(fmt::format("there is no process {}", pid));
  }
  std::error_code error;
  const std::filesystem::directory_iterator descriptors(fmt::format("/proc/{}/fd", pid), error);
  if (error) return world_error(fmt::format("looking at process {}: {}", pid, error.message()));
  const auto number = [&fields](std::size_t index) { return std::stod(fields[index]); };
  return ProcessUse{
      .cpu_seconds =
          (number(user_ticks) + number(kernel_ticks)) / static_cast<double>(::sysconf(_SC_CLK_TCK)),
      .rss_bytes = number(resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)),
      .descriptors = static_cast<double>(std::distance(begin(descriptors), end(descriptors)))};
}

ServerWatch::ServerWatch(pid_t pid)
    : pid_(pid), thread_([this](const std::stop_token& stop) { watch(stop); }) {}

ServerUse ServerWatch::stop() {
  thread_.request_stop();
  thread_.join();
  return std::move(use_);
}

void ServerWatch::watch(const std::stop_token& stop) {
  std::mutex mutex;  // only for the wait
  std::condition_variable_any stopped;
  Clock::duration interval = first_interval;
  const auto begin = Clock::now();
  auto last = begin;
  double last_cpu = -1;
  for (bool over = false; !over;) {
    over = stop.stop_requested();  // and one more look, so that a short run has two
    const Expected<ProcessUse> now = look_at_process(pid_);
    if (!now) {
      use_.ended = true;
      return;
    }
    const auto at = Clock::now();
    const double t = std::chrono::duration<double>(at - begin).count();
    if (last_cpu >= 0) {
      const double spent = now->cpu_seconds - last_cpu;
      use_.cpu_seconds += spent;
      const double seconds = std::chrono::duration<double>(at - last).count();
      if (seconds > 0) use_.cpu_cores.push_back({t, spent / seconds});
    }
    last = at;
    last_cpu = now->cpu_seconds;
    use_.peak_rss_bytes = std::max(use_.peak_rss_bytes, now->rss_bytes);
    use_.peak_descriptors = std::max(use_.peak_descriptors, now->descriptors);
    use_.rss_bytes.push_back({t, now->rss_bytes});
    use_.descriptors.push_back({t, now->descriptors});
    if (use_.rss_bytes.size() >= most_points) {
      for (auto* points : {&use_.cpu_cores, &use_.rss_bytes, &use_.descriptors}) thin(*points);
      interval *= 2;
    }
    std::unique_lock lock(mutex);
    if (!over) stopped.wait_until(lock, stop, at + interval, [] { return false; });
  }
}

void add_server_use(const ServerUse& use, bool attached, Case& result) {
  const auto metric = [&result](const char* name, double value, const char* unit) {
    result.metrics.push_back({.name = name, .value = value, .unit = unit, .better = Better::lower});
  };
  if (attached) {
    metric("server_cpu_seconds", use.cpu_seconds, "s");
    metric("server_rss_bytes", use.peak_rss_bytes, "bytes");
  }
  metric("server_descriptors", use.peak_descriptors, "");
  result.series.push_back({"server_cpu_cores", "cores", use.cpu_cores});
  result.series.push_back({"server_rss_bytes", "bytes", use.rss_bytes});
  result.series.push_back({"server_descriptors", "", use.descriptors});
  if (attached && use.ended) {
    result.verdict = worst(result.verdict, Verdict::failed);
    result.reason = "the server's process ended during the run; " + result.reason;
  }
}

}  // namespace contend::loadgen
