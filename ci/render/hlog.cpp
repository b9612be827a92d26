#include "ci/render/hlog.hpp"

#include <ctime>

#include <fmt/format.h>

#include "core/printable.hpp"

namespace contend::ci {
namespace {

/// Seconds since 1970 of "2026-11-23T10:15:30Z"; 0 where it is no such text.
std::int64_t epoch_seconds(const std::string& utc) {
  std::tm time{};
  const char* end = ::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time);
  return end == nullptr ? 0 : static_cast<std::int64_t>(::timegm(&time));
}

/// A tag ends at the first comma, and its line at the first line end.
std::string tag(std::string_view text) {
  std::string out = printable(text, 200);
  for (char& c : out) {
    if (c == ',' || c == ' ') c = '_';
  }
  return out;
}

bool is_base64(std::string_view text) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

}  // namespace

std::string render_hlog(const Report& report) {
  std::string text = fmt::format(
      "#[Histogram log format version 1.3]\n#[StartTime: {}.000 (seconds since epoch), {}]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      epoch_seconds(report.started_utc), printable(report.started_utc, 40));
  for (const Case& each : report.cases) {
    for (const Distribution& of : each.distributions) {
      if (!is_base64(of.hdr)) continue;
      text += fmt::format("Tag={},0.000,{:.3f},{:.3f},{}\n", tag(each.id + "/" + of.name),
                          static_cast<double>(each.elapsed_ns) / 1e9,
                          static_cast<double>(of.max) / 1e6, of.hdr);
    }
  }
  return text;
}

}  // namespace contend::ci
