// Did it get worse? Judges each metric of two reports by its repeated runs.
#pragma once

#include <string>
#include <vector>

#include "core/report.hpp"

#include "ci/statistics.hpp"

namespace contend::ci {

enum class Change { same, better, worse, inconclusive };

const char* to_string(Change change);

/// What counts: a change at least this large, shown at this level of certainty.
struct Tolerance {
  double share = 0.05;  ///< 0.05: a change of less than a twentieth does not matter
  double alpha = 0.05;  ///< how often, at most, an unchanged metric may raise a false alarm
};

struct MetricChange {
  std::string name;
  std::string unit;
  Better better = Better::neither;
  std::vector<double> base;
  std::vector<double> now;
  Change change = Change::inconclusive;
  Shift shift;  ///< relative; see relative_shift()
  double p = 1;
  double detectable = 0;  ///< the smallest change that these data could have shown
  std::string why;        ///< one sentence
};

/// Judges one metric from the runs in `base` and `now`; fills in everything else.
void judge(MetricChange& metric, const Tolerance& tolerance);

/// Every metric with a direction of one case.
struct CaseChange {
  std::string id;
  bool in_both = false;
  std::vector<MetricChange> metrics;
};

/// Cases are matched by id; "id#2", "id#3" … are further runs of "id". Cases that only one side has
/// come with no metrics.
std::vector<CaseChange> compare(const Report& base, const Report& now, const Tolerance& tolerance);

/// The comparison as a report: a case "compare/ID" for each, failed where a metric is worse,
/// inconclusive where none could be judged.
Report comparison_report(const std::vector<CaseChange>& changes);

/// The table that a person reads.
std::string comparison_table(const std::vector<CaseChange>& changes);

/// "id" of "id#3".
std::string base_id(const std::string& id);

}  // namespace contend::ci
