// Several generators carried one plan out, each a part of it: their reports, made one. Exact, since
// a histogram is merged by adding its counters and a count by adding; never an average of
// quantiles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend {

/// Part `index` (from 0) of `of`.
struct Shard {
  std::uint32_t index = 0;
  std::uint32_t of = 1;

  bool whole() const { return of == 1; }
  bool operator==(const Shard&) const = default;
};

/// What plan.shard of a report says; none where it tells of a whole plan.
std::optional<Shard> shard_of(const Report& report);

/// A part of which there is no report.
struct LostShard {
  std::uint32_t index = 0;
  std::string why;  ///< "was ended by signal 9 (Killed)"
};

/// The member in which two plans differ, what is a part's own left out; none if they are one plan.
std::optional<std::string> plan_difference(const boost::json::object& one,
                                           const boost::json::object& other);

/// One report with one case: counts are sums, quantiles are taken from the added histograms, the
/// verdict is the worst, and each part's figures are metrics (rank0_messages_sent). A part that is
/// missing, or in `lost`, makes it errored and is named. Errors: no part at all, one twice, parts
/// of different plans, or made by different programs (named).
Expected<Report> merge_shards(std::vector<Report> parts, std::vector<LostShard> lost = {});

}  // namespace contend
