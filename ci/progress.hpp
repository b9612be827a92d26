// What a person sees while a pipeline runs.
#pragma once

#include <cstdio>
#include <string>

#include "core/report.hpp"

#include "ci/step.hpp"

namespace contend::ci {

/// Told of each step as it begins and ends.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void begins(const Step& step, std::size_t number, std::size_t of) = 0;
  virtual void ended(const Step& step, const Report& report) = 0;
};

/// One line a step, on a terminal; silent elsewhere.
class TerminalProgress : public Progress {
 public:
  explicit TerminalProgress(std::FILE* stream);
  void begins(const Step& step, std::size_t number, std::size_t of) override;
  void ended(const Step& step, const Report& report) override;

 private:
  std::FILE* stream_;
  bool shown_;
};

}  // namespace contend::ci
