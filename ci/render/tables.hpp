// Which metrics stand side by side in a table, the same in every format that has tables.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/report.hpp"

namespace contend::ci {

/// The cases, those first that somebody must look at; of one verdict, in the order of the report.
std::vector<const Case*> worst_first(const Report& report);

struct Column {
  const char* heading;
  const char* metric;  ///< or, where `is_rule`, the rule of the finding to name here
  bool exact = false;  ///< every digit counts: 256,000 and not 250 KiB
  bool is_rule = false;
};

/// Has a row for each case that has the first column's metric.
struct MetricTable {
  const char* title;
  std::span<const Column> columns;

  bool has_row(const Case& of) const;
  bool has_rows(const Report& report) const;
};

std::span<const MetricTable> metric_tables();

struct Cell {
  std::string text;  ///< "4.21 ms", "256,000", "n/a", "counter_plain.cpp:31, 3 times"; may be empty
  std::string why;   ///< of "n/a"
};

/// What the case has to say in this column. Not escaped.
Cell cell(const Column& column, const Case& of);

/// One metric against its baseline, as `contend compare` judged it.
struct ChangeRow {
  std::string of;      ///< "loadgen/coroutine/c100"
  std::string metric;  ///< "intended_p99_ns"
  std::string change;  ///< "+9.4 %", or "n/a"
  std::string
      judgement;  ///< "worse: 1.15 ms -> 1.28 ms, …"; its first word is the class to show it in
};

/// Of every case "compare/…"; what had one value in every run is left out.
std::vector<ChangeRow> changes_of(const Report& report);

}  // namespace contend::ci
