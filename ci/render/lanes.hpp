// The lanes of a failing schedule, one column a thread: what a renderer of a table needs to know.
#pragma once

#include <string>
#include <vector>

#include "core/report.hpp"

namespace contend::ci {

/// A row of such a table. Not escaped.
struct LaneRow {
  std::size_t column = 0;  ///< which of the columns; of a remark none
  bool is_remark = false;
  bool switched = false;
  std::string text;  ///< "locks file.cpp:12"
  std::string code;
};

struct LaneTable {
  std::vector<std::string> columns;  ///< "T0", "T2": the threads that do something in it
  std::vector<LaneRow> rows;
};

/// Threads beyond the eighth share the last column, with their names before what they do.
LaneTable lane_table(const std::vector<LaneStep>& lanes);

/// Above such a table.
inline constexpr const char* lanes_title =
    "The schedule that failed: a column a thread; a marked step is one for which a thread that "
    "could go on was interrupted.";

/// The whole of it as a Markdown table, or as HTML; empty for no steps.
std::string markdown_lanes(const std::vector<LaneStep>& lanes);
std::string html_lanes(const std::vector<LaneStep>& lanes);

}  // namespace contend::ci
