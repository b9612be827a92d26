// Where a finding is shown in formats that want one place for it.
#pragma once

#include <optional>

#include "core/report.hpp"

namespace contend::ci {

/// Whether a file and a line are known.
bool has_place(const Frame& frame);

/// The innermost frame of the user's own code in a stack, else the innermost that has a place at
/// all; null where none has.
const Frame* headline_frame(const std::vector<Frame>& stack);

/// The headline of the first stack, else where the finding's case comes from, else none.
std::optional<Source> place_of(const Finding& finding, const Case& of);

}  // namespace contend::ci
