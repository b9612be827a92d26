#include "core/verdict.hpp"

namespace contend {

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::skipped:
      return "skipped";
    case Verdict::passed:
      return "passed";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::failed:
      return "failed";
    case Verdict::errored:
      return "errored";
  }
  return "errored";
}

int exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::skipped:
    case Verdict::passed:
      return 0;
    case Verdict::failed:
      return 1;
    case Verdict::inconclusive:
      return 2;
    case Verdict::errored:
      return 3;
  }
  return 3;
}

}  // namespace contend
