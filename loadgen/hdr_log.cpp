#include "loadgen/hdr_log.hpp"

#include <fmt/format.h>

#include "core/shard_warm_up.hpp"

namespace contend::loadgen {
namespace {

/// "Tag=…,start,length,max,payload": the second number is the interval's length, as the Java reader
/// has it; the C writer puts an end time there.
std::string line(const Distribution& latencies, double seconds) {
  return fmt::format("Tag={},0.000,{:.3f},{:.3f},{}\n", latencies.name, seconds,
                     static_cast<double>(latencies.max) / 1e6, latencies.hdr);
}

}  // namespace

std::string hdr_log(const Plan& plan, const Case& result, const std::string& started_utc) {
  const double seconds = static_cast<double>(result.elapsed_ns) / 1e9;
  std::string text = fmt::format(
      "#[Logged by loadgen: {} at {}]\n"
      "#[Histogram log format version 1.3]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      plan.name, started_utc);
  for (const Distribution& each : result.distributions) {
    if (each.name != "connect" && !is_beginning(each.name)) text += line(each, seconds);
  }
  return text;
}

}  // namespace contend::loadgen
