// The five verdicts, their order, and the exit codes they turn into.
#pragma once

namespace contend {

/// Ordered: a merge takes the worst.
enum class Verdict {
  skipped,       ///< could not be tried here, and says so
  passed,        ///< the claim holds
  inconclusive,  ///< the run cannot support a claim: too few samples, generator was the limit,
                 ///< nothing ran
  failed,        ///< the subject broke
  errored        ///< the harness or the world broke
};

constexpr Verdict worst(Verdict a, Verdict b) {
  return a < b ? b : a;
}

const char* to_string(Verdict verdict);

/// 0 passed or skipped, 1 failed, 2 inconclusive, 3 errored.
int exit_code(Verdict verdict);

inline constexpr int exit_interrupted = 130;

}  // namespace contend
