// Virtual time. It starts at the same moment in every execution and moves only when somebody
// sleeps, waits to a deadline, or looks at a clock again and again.
#pragma once

#include <cstdint>
#include <ctime>

namespace contend::explore {

inline constexpr std::int64_t second = 1'000'000'000;  ///< nanoseconds

std::int64_t nanoseconds(const timespec& time);
timespec to_timespec(std::int64_t nanoseconds);

/// The virtual moment, in nanoseconds, that `until` means on `clock`. Never negative.
std::int64_t virtual_deadline(clockid_t clock, const timespec& until);

/// Time passes for whoever looks: the more looks, the longer the strides.
void look_at_clock(std::uint64_t pc);

/// The virtual time on `clock` now.
timespec virtual_time(clockid_t clock);

}  // namespace contend::explore
