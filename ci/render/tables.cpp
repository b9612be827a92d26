#include "ci/render/tables.hpp"

#include <algorithm>
#include <array>

#include "core/units.hpp"

namespace contend::ci {
namespace {

constexpr std::array load{Column{"messages/s", "throughput_per_second"},
                          Column{"answered", "messages_answered"},
                          Column{"errors", "errors_total"},
                          Column{"p50", "intended_p50_ns"},
                          Column{"p99", "intended_p99_ns"},
                          Column{"p99.9", "intended_p999_ns"},
                          Column{"max", "intended_max_ns"}};

constexpr std::array counters{
    Column{"server counted bytes", "counted_bytes", true},
    Column{"clients verified", "bytes_verified", true}, Column{"bytes lost", "lost_bytes", true},
    Column{"connections lost", "lost_connections"}, Column{"races seen", "races_seen"}};

constexpr std::array experiments{Column{"trials", "trials"}, Column{"lost updates", "lost_updates"},
                                 Column{"loss rate", "loss_rate"},
                                 Column{"trials/s", "trials_per_second"}};

constexpr std::array tables{MetricTable{"Load", load},
                            MetricTable{"The server's own count", counters},
                            MetricTable{"Experiments", experiments}};

}  // namespace

bool MetricTable::has_row(const Case& of) const {
  return find_metric(of, columns.front().metric) != nullptr;
}

bool MetricTable::has_rows(const Report& report) const {
  return std::ranges::any_of(report.cases, [&](const Case& each) { return has_row(each); });
}

std::span<const MetricTable> metric_tables() {
  return tables;
}

std::string cell_text(const Column& column, const Metric& metric) {
  return format_quantity(*metric.value, column.exact ? "" : metric.unit);
}

}  // namespace contend::ci
