#include "ci/progress.hpp"

#include <unistd.h>

#include <fmt/format.h>

namespace contend::ci {

TerminalProgress::TerminalProgress(std::FILE* stream)
    : stream_(stream), shown_(::isatty(::fileno(stream)) == 1) {}

void TerminalProgress::begins(const Step& step, std::size_t number, std::size_t of) {
  if (!shown_) return;
  fmt::print(stream_, "[{}/{}] {} … ", number, of, step.title);
  std::fflush(stream_);
}

void TerminalProgress::ended(const Step&, const Report& report) {
  if (shown_) fmt::print(stream_, "{}\n", to_string(overall(report)));
}

}  // namespace contend::ci
