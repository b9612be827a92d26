// Shows, in the very process of the program under test, that the tool finds a lost update and does
// not accuse a locked one.
#pragma once

#include <optional>
#include <string>

#include "core/expected.hpp"

#include "races/explore/target.hpp"

namespace contend::explore {

/// None if the canary sang; else why nothing said about this program would count.
Expected<std::optional<std::string>> check_canary(Target& target);

}  // namespace contend::explore
