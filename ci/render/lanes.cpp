#include "ci/render/lanes.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "ci/render/escape.hpp"

namespace contend::ci {
namespace {

constexpr std::size_t most_columns = 8;

std::vector<std::int64_t> threads_in(const std::vector<LaneStep>& lanes) {
  std::vector<std::int64_t> threads;
  for (const LaneStep& step : lanes) {
    if (step.lane >= 0) threads.push_back(step.lane);
  }
  std::ranges::sort(threads);
  threads.erase(std::unique(threads.begin(), threads.end()), threads.end());
  return threads;
}

std::string text_of(const LaneStep& step) {
  if (step.file.empty()) return step.what;
  const std::string file = std::filesystem::path(step.file).filename().string();
  return fmt::format("{} {}:{}", step.what, file, step.line);
}

std::string html_row(const LaneRow& row, std::size_t columns) {
  if (row.is_remark) {
    return fmt::format("<tr><td></td><td class=\"dim\" colspan=\"{}\">… {}</td></tr>\n",
                       columns + 1, escape_xml(row.text));
  }
  std::string cells;
  for (std::size_t i = 0; i < columns; ++i) {
    cells += i == row.column ? "<td>" + escape_xml(row.text) + "</td>" : "<td></td>";
  }
  return fmt::format("<tr{}><td>{}</td>{}<td><code>{}</code></td></tr>\n",
                     row.switched ? " class=\"switched\"" : "", row.switched ? "▶" : "", cells,
                     escape_xml(row.code));
}

std::string markdown_row(const LaneRow& row, std::size_t columns) {
  std::string text = row.switched ? "| ▶ |" : "| |";
  for (std::size_t i = 0; i < columns; ++i) {
    const bool here = i == row.column;
    const std::string cell = here ? (row.is_remark ? "… " : "") + escape_markdown(row.text) : "";
    text += fmt::format(" {} |", here && row.switched ? "**" + cell + "**" : cell);
  }
  return text + fmt::format(" {} |\n", row.code.empty() ? "" : markdown_code(row.code));
}

}  // namespace

LaneTable lane_table(const std::vector<LaneStep>& lanes) {
  const std::vector<std::int64_t> threads = threads_in(lanes);
  const std::size_t count = std::min(threads.size(), most_columns);
  const bool shared = threads.size() > count;
  LaneTable table;
  for (std::size_t i = 0; i < count; ++i) {
    table.columns.push_back(shared && i + 1 == count ? "others" : fmt::format("T{}", threads[i]));
  }
  for (const LaneStep& step : lanes) {
    LaneRow row{.is_remark = step.lane < 0, .switched = step.switched, .code = step.code};
    const auto at =
        static_cast<std::size_t>(std::ranges::lower_bound(threads, step.lane) - threads.begin());
    row.column = count == 0 ? 0 : std::min(at, count - 1);
    const bool named = shared && !row.is_remark && row.column + 1 == count;
    row.text = (named ? fmt::format("T{} ", step.lane) : "") + text_of(step);
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string markdown_lanes(const std::vector<LaneStep>& lanes) {
  const LaneTable table = lane_table(lanes);
  if (table.columns.empty()) return "";
  std::string heading = "| |";
  std::string rule = "| --- |";
  for (const std::string& column : table.columns) {
    heading += fmt::format(" {} |", column);
    rule += " --- |";
  }
  std::string text = fmt::format("{}\n\n{} line |\n{} --- |\n", lanes_title, heading, rule);
  for (const LaneRow& row : table.rows) text += markdown_row(row, table.columns.size());
  return text;
}

std::string html_lanes(const std::vector<LaneStep>& lanes) {
  const LaneTable table = lane_table(lanes);
  if (table.columns.empty()) return "";
  std::string heading = "<th></th>";
  for (const std::string& column : table.columns) heading += "<th>" + column + "</th>";
  std::string rows;
  for (const LaneRow& row : table.rows) rows += html_row(row, table.columns.size());
  return fmt::format(
      "<p>{}</p>\n<div class=\"scroll\"><table "
      "class=\"lanes\"><thead><tr>{}<th>line</th></tr></thead>"
      "<tbody>\n{}</tbody></table></div>\n",
      lanes_title, heading, rows);
}

}  // namespace contend::ci
