#include "ci/known_findings.hpp"

#include <sstream>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/printable.hpp"

namespace contend::ci {

Expected<Fingerprints> load_known_findings(const std::filesystem::path& path) {
  const Expected<std::string> text = read_file(path);
  if (!text) return text.error();
  Fingerprints known;
  std::istringstream lines(*text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::string fingerprint;
    std::string remark;
    std::istringstream words(line);
    if (!(words >> fingerprint) || fingerprint.starts_with('#')) continue;
    if (!(words >> remark)) {
      return usage_error(fmt::format("{}:{}: the finding {} is let through without a reason",
                                     path.string(), number, printable(fingerprint, 100)));
    }
    known.insert(fingerprint);
  }
  return known;
}

std::string known_line(const Finding& finding) {
  return fmt::format("{}  {}: {}", finding.fingerprint, printable(finding.rule, 100),
                     printable(finding.message, 200));
}

}  // namespace contend::ci
