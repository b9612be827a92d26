#include "loadgen/hdr_log.hpp"

#include <fmt/format.h>

#include "core/histogram_codec.hpp"

namespace contend::loadgen {
namespace {

/// "Tag=…,start,length,max,payload": the second number is the interval's length, as the Java reader
/// has it; the C writer puts an end time there.
std::string line(const char* tag, const Histogram& histogram, double seconds) {
  return fmt::format("Tag={},0.000,{:.3f},{:.3f},{}\n", tag, seconds,
                     static_cast<double>(histogram.max()) / 1e6, encode(histogram));
}

}  // namespace

std::string hdr_log(const Plan& plan, const Run& run, const std::string& started_utc) {
  const double seconds = static_cast<double>(run.elapsed.count()) / 1e9;
  std::string text = fmt::format(
      "#[Logged by loadgen: {} at {}]\n"
      "#[Histogram log format version 1.3]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      plan.name, started_utc);
  text += line("intended", run.tally.intended, seconds);
  text += line("service", run.tally.service, seconds);
  if (plan.rate) text += line("lag", run.tally.lag, seconds);
  return text;
}

}  // namespace contend::loadgen
