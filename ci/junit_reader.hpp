// What a test suite says of its tests, read from the JUnit XML that it wrote: ctest, GoogleTest,
// pytest and most others. Only readers' common subset; what our own renderer writes is in
// render/junit.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend::ci {

/// A case "suite/SUITE/TEST" for each test: passed, failed (failures and errors alike: to us a test
/// that errors has failed) or skipped, with what it said as the reason. The class name comes in
/// between where it adds anything. Errors: not XML, or not JUnit.
Expected<std::vector<Case>> read_junit(std::string_view text, const std::string& suite);

}  // namespace contend::ci
