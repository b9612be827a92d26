// Any text as a report: refused, or one that reads back as itself.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.hpp"
#include "core/report_json.hpp"
#include "core/summary.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace contend;
  const auto report = report_from_json(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!report) return 0;
  summary(*report, false);
  const auto again = report_from_json(to_json(*report));
  CONTEND_CHECK(again.has_value());
  CONTEND_CHECK(*again == *report);
  return 0;
}
