// A program that is linked with counting_new.cpp counts what its operator new hands out.
#pragma once

#include <cstdint>

namespace contend::support {

/// Since the program began, by all its threads. Threads: any.
std::uint64_t allocations();

}  // namespace contend::support
