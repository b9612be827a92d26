#include "core/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

#include <fmt/format.h>

namespace contend {
namespace {

struct Unit {
  std::string_view suffix;
  double factor;
};

constexpr std::array<Unit, 7> durations{
    {{"", 1e9}, {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
constexpr std::array<Unit, 5> counts{{{"", 1}, {"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}}};
constexpr std::array<Unit, 13> sizes{{{"", 1},
                                      {"B", 1},
                                      {"k", 1024},
                                      {"K", 1024},
                                      {"kB", 1024},
                                      {"KB", 1024},
                                      {"KiB", 1024},
                                      {"M", 1048576},
                                      {"MB", 1048576},
                                      {"MiB", 1048576},
                                      {"G", 1073741824},
                                      {"GB", 1073741824},
                                      {"GiB", 1073741824}}};

/// A plain decimal number followed by one of `units`, scaled; none if it is anything else.
bool parse_scaled(std::string_view text, std::span<const Unit> units, double& scaled) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (failed != std::errc{} || !std::isfinite(number) || std::signbit(number)) return false;
  const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  for (const Unit& unit : units) {
    if (unit.suffix == suffix) {
      scaled = number * unit.factor;
      return std::isfinite(scaled);
    }
  }
  return false;
}

Expected<std::uint64_t> parse_whole(std::string_view text, std::span<const Unit> units,
                                    const char* what) {
  double scaled = 0;
  if (!parse_scaled(text, units, scaled) || scaled != std::floor(scaled) || scaled > 9e15) {
    return usage_error(fmt::format("\"{}\" is not {}", text, what));
  }
  return static_cast<std::uint64_t>(scaled);
}

std::string three_digits(double value) {
  const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

}  // namespace

Expected<Nanoseconds> parse_duration(std::string_view text) {
  double scaled = 0;
  if (!parse_scaled(text, durations, scaled) || scaled > 9.1e18) {
    return usage_error(fmt::format("\"{}\" is not a duration such as 500ms, 10s, 2m or 1h", text));
  }
  return Nanoseconds(static_cast<std::int64_t>(std::llround(scaled)));
}

Expected<std::uint64_t> parse_count(std::string_view text) {
  return parse_whole(text, counts, "a whole number such as 100, 10k or 2M");
}

Expected<std::uint64_t> parse_bytes(std::string_view text) {
  return parse_whole(text, sizes, "a size in bytes such as 64, 4k or 1MiB");
}

Expected<double> parse_rate(std::string_view text) {
  std::string_view number = text;
  if (number.ends_with("/s")) number.remove_suffix(2);
  double scaled = 0;
  if (!parse_scaled(number, counts, scaled) || scaled <= 0) {
    return usage_error(fmt::format("\"{}\" is not a rate above zero such as 800, 10k or 2M", text));
  }
  return scaled;
}

std::string format_duration(Nanoseconds duration) {
  return format_duration_ns(static_cast<double>(duration.count()));
}

std::string format_duration_ns(double nanoseconds) {
  if (nanoseconds < 999.5) return three_digits(nanoseconds) + " ns";
  if (nanoseconds < 999.5e3) return three_digits(nanoseconds / 1e3) + " us";
  if (nanoseconds < 999.5e6) return three_digits(nanoseconds / 1e6) + " ms";
  return three_digits(nanoseconds / 1e9) + " s";
}

std::string format_count(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t i = digits.size(), first = count < 0 ? 1U : 0U; i > first + 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

std::string format_bytes(double bytes) {
  constexpr std::array<const char*, 5> names{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t name = 0;
  while (bytes >= 1023.5 && name + 1 < names.size()) {
    bytes /= 1024;
    ++name;
  }
  return three_digits(bytes) + " " + names[name];
}

std::string format_quantity(double value, std::string_view unit) {
  if (unit == "ns") return format_duration_ns(value);
  if (unit == "bytes") return format_bytes(value);
  const bool whole = value == std::floor(value) && std::abs(value) < 9e15;
  std::string number = std::abs(value) >= 1000 || whole
                           ? format_count(static_cast<std::int64_t>(std::llround(value)))
                           : fmt::format("{:.4g}", value);
  return unit.empty() ? number : number + " " + std::string(unit);
}

}  // namespace contend
