// What is printed for people, on standard output: that the disk is full is an error there too.
#pragma once

#include <string>

#include "core/expected.hpp"

namespace contend::explore {

/// Returns once all of it has left the program.
/// Errors: no space, nobody reads.
Expected<void> print(const std::string& text);

}  // namespace contend::explore
