// Any text as JUnit: refused, or cases with an id, a verdict and a reason that can be shown.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.hpp"
#include "core/printable.hpp"

#include "ci/junit_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace contend;
  const auto cases =
      ci::read_junit(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!cases) return 0;
  for (const Case& each : *cases) {
    CONTEND_CHECK(each.id.starts_with("suite/fuzz/"));
    CONTEND_CHECK(each.id == valid_utf8(each.id));
    CONTEND_CHECK(each.reason == valid_utf8(each.reason) && !each.reason.empty());
    CONTEND_CHECK(each.elapsed_ns >= 0);
  }
  return 0;
}
