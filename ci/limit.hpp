// A bound on a metric, as people write it ("loadgen/*:p99<=5ms"), and what became of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend::ci {

struct Limit {
  std::string cases = "*";  ///< an id, with * for any text
  std::string metric;
  bool at_most = true;     ///< else at least
  double value = 0;        ///< in the metric's own unit: nanoseconds, bytes, …
  bool is_strict = false;  ///< the value itself is beyond it
};

/// "[CASES:]METRIC<=VALUE", or with < > >=. METRIC is a metric's name, or p50, p90, p99, p999, max,
/// rate or errors as in loadgen's --assert. VALUE is a number, or one with a unit of time or a
/// multiplier (5ms, 10k). Errors: the part that is not understood.
Expected<Limit> parse_limit(std::string_view text);

std::string to_string(const Limit& limit);

/// A case "gate/limit/…": failed where a value is beyond the limit, inconclusive where no case has
/// a value that it could be held against.
Case hold(const Limit& limit, const Report& report);

/// The limits that the report's own metrics carry.
std::vector<Limit> own_limits(const Report& report);

/// Whether `id` matches `pattern`, in which * stands for any text.
bool matches(std::string_view pattern, std::string_view id);

}  // namespace contend::ci
