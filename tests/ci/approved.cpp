#include "tests/ci/approved.hpp"

#include <cstdlib>
#include <filesystem>

#include "core/file.hpp"

namespace contend::ci {

testing::AssertionResult is_approved(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(CONTEND_GOLDEN_DIR) / name;
  if (std::getenv("CONTEND_APPROVE") != nullptr) {
    const auto written = write_file(path, text);
    if (!written) return testing::AssertionFailure() << written.error().message;
    return testing::AssertionSuccess();
  }
  const Expected<std::string> approved = read_file(path);
  if (!approved) {
    return testing::AssertionFailure()
           << approved.error().message << "; CONTEND_APPROVE=1 writes it";
  }
  if (*approved == text) return testing::AssertionSuccess();
  return testing::AssertionFailure() << name << " is not as approved; CONTEND_APPROVE=1 writes it. "
                                     << "This is what came:\n"
                                     << text;
}

}  // namespace contend::ci
