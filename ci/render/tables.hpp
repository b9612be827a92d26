// Which metrics stand side by side in a table, the same in every format that has tables.
#pragma once

#include <span>
#include <string>

#include "core/report.hpp"

namespace contend::ci {

struct Column {
  const char* heading;
  const char* metric;
  bool exact = false;  ///< every digit counts: 256,000 and not 250 KiB
};

/// Has a row for each case that has the first column's metric.
struct MetricTable {
  const char* title;
  std::span<const Column> columns;

  bool has_row(const Case& of) const;
  bool has_rows(const Report& report) const;
};

std::span<const MetricTable> metric_tables();

/// The value as the column wants it: "4.21 ms", "256,000". The metric must have a value.
std::string cell_text(const Column& column, const Metric& metric);

}  // namespace contend::ci
