#include "ci/render/lanes.hpp"

#include <gtest/gtest.h>

#include "ci/render/html.hpp"
#include "ci/render/markdown.hpp"
#include "tests/ci/approved.hpp"
#include "tests/ci/sample_reports.hpp"

namespace contend::ci {
namespace {

Report with_lanes(std::vector<LaneStep> lanes) {
  Report report = empty_report();
  report.cases.push_back({.id = "races/explore/tickets",
                          .title = "tickets under controlled schedules",
                          .verdict = Verdict::failed,
                          .reason = "found at schedule 4: exited with 1",
                          .elapsed_ns = 48'000'000,
                          .lanes = std::move(lanes),
                          .reproduce = "races replay tickets.schedule.json"});
  return report;
}

std::vector<LaneStep> a_lost_seat() {
  return {{-1, "2 earlier steps", "", 0, "", false},
          {1, "locks", "src/office.hpp", 11, "const std::lock_guard lock(mutex_);", false},
          {2, "locks", "src/office.hpp", 11, "const std::lock_guard lock(mutex_);", true},
          {2, "locks", "src/office.hpp", 12, "const std::lock_guard lock(mutex_);", false},
          {1, "locks", "src/office.hpp", 12, "const std::lock_guard lock(mutex_);", false},
          {0, "joins", "", 0, "", false}};
}

TEST(Lanes, are_as_approved) {
  const Report report = with_lanes(a_lost_seat());
  EXPECT_TRUE(is_approved("lanes.report.md", render_markdown(report)));
  EXPECT_TRUE(is_approved("lanes.table.html", html_lanes(report.cases[0].lanes)));
}

TEST(Lanes, stand_in_the_page) {
  Sources none("/nowhere");
  EXPECT_NE(render_html(with_lanes(a_lost_seat()), none).find("<section id=\"schedules\">"),
            std::string::npos);
  EXPECT_EQ(render_html(with_lanes({}), none).find("<section id=\"schedules\">"),
            std::string::npos);
}

TEST(Lanes, give_many_threads_a_column_together) {
  std::vector<LaneStep> many;
  for (std::int64_t i = 0; i < 20; ++i) many.push_back({i, "locks", "", 0, "", false});
  const LaneTable table = lane_table(many);
  ASSERT_EQ(table.columns.size(), 8U);
  EXPECT_EQ(table.columns.back(), "others");
  EXPECT_EQ(table.rows[3].text, "locks");
  EXPECT_EQ(table.rows[19].text, "T19 locks");
  EXPECT_EQ(table.rows[19].column, 7U);
}

TEST(Lanes, text_from_outside_stays_text) {
  const std::string evil = "<script>|**a**</td>";
  const std::vector<LaneStep> lanes{{0, evil, evil, 1, evil, true}, {-1, evil, "", 0, "", false}};
  EXPECT_EQ(html_lanes(lanes).find("<script>"), std::string::npos);
  const std::string markdown = markdown_lanes(lanes);
  EXPECT_EQ(markdown.find("<script>|"), std::string::npos) << markdown;
}

}  // namespace
}  // namespace contend::ci
