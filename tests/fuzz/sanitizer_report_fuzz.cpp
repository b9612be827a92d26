// Any text as a sanitizer log: what can be saved, and no crash.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.hpp"
#include "core/sanitizer_report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace contend;
  const SanitizerLog log =
      read_sanitizer_log(std::string_view(reinterpret_cast<const char*>(data), size));
  for (const Finding& finding : log.findings) {
    CONTEND_CHECK(!finding.rule.empty());
    CONTEND_CHECK(finding.labels.size() == finding.stacks.size());
    CONTEND_CHECK(finding.count >= 1);
  }
  return 0;
}
