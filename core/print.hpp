// What a program says on its standard streams: that the disk behind one is full is an error there,
// too.
#pragma once

#include <cstdio>
#include <string_view>

#include "core/expected.hpp"

namespace contend {

/// Returns once all of it has left the program. Errors: no space, closed, nobody reads.
Expected<void> print(std::FILE* stream, std::string_view text);

}  // namespace contend
