// Quantities as people write and read them: "10s", "64k", "20KiB", "1.5 ms".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/expected.hpp"

namespace contend {

using Nanoseconds = std::chrono::nanoseconds;

/// "500ms", "1.5s", "2m", "1h", "80us", "7ns"; a bare number is seconds. Not negative; at most 290
/// years.
Expected<Nanoseconds> parse_duration(std::string_view text);

/// "250", "10k", "1.5M", "2G": whole, not negative, powers of 1000.
Expected<std::uint64_t> parse_count(std::string_view text);

/// "64", "4k", "4KiB", "1M": whole, not negative; k, M and G are powers of 1024, with or without iB
/// or B.
Expected<std::uint64_t> parse_bytes(std::string_view text);

/// "10k", "2.5M", "800/s", "800": events a second, above zero.
Expected<double> parse_rate(std::string_view text);

/// Three significant digits and a unit: "1.84 ms", "12 s", "950 ns".
std::string format_duration(Nanoseconds duration);
std::string format_duration_ns(double nanoseconds);

/// "1,048,576".
std::string format_count(std::int64_t count);

/// Three significant digits: "64 B", "1.5 KiB", "2.3 GiB".
std::string format_bytes(double bytes);

/// The metric's value with its unit, as a table shows it.
std::string format_quantity(double value, std::string_view unit);

}  // namespace contend
