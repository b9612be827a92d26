// What a program of experiments says about its experiments, without their code: names, what is
// expected, what each lens is known to see. Read from `PROGRAM list`.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend::races {

/// An outcome somebody foresaw: "1, 0", "hang", "crash", or "*" for any other.
struct Foreseen {
  std::string seen;
  Grade grade = Grade::unknown;
  std::string why;
};

/// What a lens is known to see of an experiment; see Sight in <contend/races.hpp>.
enum class Sees { defect, blind, false_alarm };

struct KnownSight {
  std::string lens;
  Sees sees = Sees::defect;
  std::string why;
};

struct ExperimentFacts {
  std::string name;  ///< subject/variant
  std::string title;
  Source source;
  std::int64_t actors = 2;
  bool is_broken = false;
  bool is_canary = false;
  std::int64_t counts_to = 0;  ///< what its counter must reach; 0: not a counter
  std::vector<Foreseen> foreseen;
  std::vector<KnownSight> sights;
};

/// What is known of `lens`; null where it sees what one would expect.
const KnownSight* sight_of(const ExperimentFacts& experiment, std::string_view lens);

/// How an outcome is graded; null if nobody foresaw it.
const Foreseen* foreseen(const ExperimentFacts& experiment, std::string_view seen);

/// The text of `PROGRAM list`. Errors: a line that is not what a program of experiments writes.
Expected<std::vector<ExperimentFacts>> parse_facts(std::string_view lines);

/// Asks `program`. Errors: it is not there, it does not answer within 20 s, parse_facts().
Expected<std::vector<ExperimentFacts>> facts_of(const std::filesystem::path& program);

}  // namespace contend::races
