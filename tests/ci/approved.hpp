// Text compared with a file in tests/golden that a person has approved.
#pragma once

#include <string>

#include <gtest/gtest.h>

namespace contend::ci {

/// Success when `text` is what tests/golden/`name` holds. With CONTEND_APPROVE=1 in the environment
/// the file is written instead; look at its diff before committing it.
testing::AssertionResult is_approved(const std::string& name, const std::string& text);

}  // namespace contend::ci
