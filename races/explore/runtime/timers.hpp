// Timers that are descriptors, in virtual time.
#pragma once

#include <cstdint>

namespace contend::explore {

inline constexpr std::int64_t never = -1;

/// The first virtual moment at which one of them expires.
std::int64_t next_timer();

/// Makes readable those that have expired by now.
void let_timers_expire();

/// Another execution begins in this process.
void stop_timers();

/// The descriptor is closed: it is no timer any more, if it was one.
void forget_timer(int descriptor);

}  // namespace contend::explore
