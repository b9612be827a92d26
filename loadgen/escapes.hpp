// Bytes as people type them on a command line and in scripts: C escapes for what has no key.
#pragma once

#include <string>
#include <string_view>

#include "core/expected.hpp"

namespace contend::loadgen {

/// Understands \n \r \t \0 \\ \" \' and \xHH; every other byte stands for itself.
/// Errors: a backslash before anything else, or at the end.
Expected<std::string> unescape(std::string_view text);

}  // namespace contend::loadgen
