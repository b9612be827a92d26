#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/histogram_codec.hpp"

#include "ci/gate.hpp"
#include "ci/render/chart_data.hpp"
#include "ci/render/html.hpp"
#include "ci/render/page_assets.hpp"
#include "tests/ci/approved.hpp"
#include "tests/ci/sample_reports.hpp"
#include "tests/ci/tool.hpp"

namespace contend::ci {
namespace {

std::string render(const Report& report) {
  Sources sources("/nowhere");
  return render_html(report, sources);
}

/// What stands between <body> and the script: what a reader without JavaScript sees.
std::string body(const Report& report) {
  const std::string page = render(report);
  const std::size_t begin = page.find("<body>");
  return page.substr(begin, page.find("<script", begin) - begin);
}

/// A row of a heat map: some answers in every tenth of a second.
Series band(int from, int to) {
  Series out{.name = fmt::format("answers_from_{}_to_{}_ns", from, to), .unit = "", .points = {}};
  for (int i = 0; i < 128; ++i) out.points.push_back({i / 10.0, 1.0 + i % 7});
  return out;
}

/// The mixed report with what charts are made of: a distribution and ten thousand points.
Report with_curves() {
  Report report = mixed_report();
  Histogram histogram;
  for (int i = 1; i <= 20'000; ++i) histogram.record(1'000'000 + i * i);
  report.cases[0].distributions = {to_distribution("intended", histogram)};
  Series rate{.name = "rate", .unit = "messages/s", .points = {}};
  for (int i = 0; i < 10'000; ++i)
    rate.points.push_back({i / 10.0, 1000 + 50 * std::sin(i / 40.0)});
  report.cases[0].series = {rate, band(1024, 1536), band(1'048'576, 1'572'864)};
  return report;
}

/// What a browser saw of a page; null where there is no browser here.
boost::json::value visited(const Report& report) {
  const std::string driver = npm_judge("puppeteer-core/package.json");
  if (driver.empty() || !has_tool("chromium") || !has_tool("node")) return nullptr;
  const Judgement seen =
      ask({"sh", "-c",
           "cp \"$2\" \"$2.html\" && exec node \"$1\" \"$2.html\" \"$(command -v chromium)\"", "sh",
           CONTEND_PAGE_CHECK, "{}"},
          render(report));
  EXPECT_TRUE(seen.accepted) << seen.said;
  const std::size_t begin = seen.said.find("{\"errors\"");
  return begin == std::string::npos
             ? boost::json::value(nullptr)
             : boost::json::parse(seen.said.substr(begin, seen.said.find('\n', begin) - begin));
}

TEST(Page, is_as_approved_but_for_its_style_and_script) {
  if (page_script().empty()) GTEST_SKIP() << "built without npm: the page has no charts";
  EXPECT_TRUE(is_approved("passing.body.html", body(passing_report())));
  EXPECT_TRUE(is_approved("mixed.body.html", body(mixed_report())));
  EXPECT_TRUE(is_approved("empty.body.html", body(empty_report())));
  EXPECT_TRUE(is_approved("hostile.body.html", body(hostile_report())));
}

TEST(Page, needs_no_network_and_stays_small) {
  const std::string page = render(with_curves());
  EXPECT_LT(page.size(), 1'000'000U);
  for (const char* reference : {"src=", "href=", "@import", "url("}) {
    EXPECT_EQ(page.substr(0, page.find("<script")).find(reference), std::string::npos) << reference;
  }
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

TEST(Page, shows_the_source_line_of_a_race_between_its_neighbours) {
  const ScratchFolder folder = ScratchFolder::make().value();
  std::filesystem::create_directories(folder.path() / "races/catalogue");
  std::string text;
  for (int i = 1; i <= 30; ++i) text += i == 21 ? "n += 1; // <script>\n" : "//\n";
  ASSERT_TRUE(write_file(folder.path() / "races/catalogue/lost_update.cpp", text));
  Sources sources(folder.path());
  const std::string page = render_html(passing_report(), sources);
  EXPECT_NE(page.find("<mark>   21  n += 1; // &lt;script&gt;</mark>"), std::string::npos);
}

TEST(Page, a_band_is_no_line_and_a_name_that_looks_like_one_is_no_band) {
  Report report = with_curves();
  report.cases[0].series.push_back({"answers_from_5_to_6_ns_or_so", "", {{0, 1}, {1, 2}}});
  const boost::json::object data = chart_data(report);
  EXPECT_EQ(data.at("series").as_array().size(), 2U);
  ASSERT_EQ(data.at("heat_maps").as_array().size(), 1U);
  const boost::json::value& map = data.at("heat_maps").as_array()[0];
  EXPECT_NEAR(map.at("width").as_double(), 0.1, 1e-9);
  EXPECT_EQ(map.at("bands").as_array().size(), 2U);
  EXPECT_EQ(map.at_pointer("/bands/0/interval/127"), 127);
}

TEST(Page, shows_what_changed_against_a_baseline) {
  Report slower = passing_report();
  slower.cases[0].metrics[3].value = 2'024'000;
  const std::string page = render(judge_gate(slower, {.baseline = passing_report()}));
  EXPECT_NE(page.find("<h2>Against the baseline</h2>"), std::string::npos);
  EXPECT_NE(page.find("<td class=\"number dim\">+10.0 %</td>"), std::string::npos);
  EXPECT_EQ(render(slower).find("Against the baseline"), std::string::npos);
}

TEST(Page, loads_in_a_browser_draws_its_charts_and_filters) {
  if (page_script().empty()) GTEST_SKIP() << "built without npm: the page has no charts";
  const boost::json::value seen = visited(with_curves());
  if (seen.is_null()) GTEST_SKIP() << "no chromium, node or puppeteer-core";
  EXPECT_EQ(seen.at("errors").as_array().size(), 0U) << seen.at("errors");
  EXPECT_EQ(seen.at("requests").as_array().size(), 1U) << "the page itself";
  EXPECT_EQ(seen.at("rows"), 5);
  EXPECT_EQ(seen.at("rows_without_script"), 5);
  EXPECT_EQ(seen.at("rows_with_uring"), 1);
  EXPECT_EQ(seen.at("charts").as_array(), (boost::json::array{true, true, true, true}));
  EXPECT_EQ(seen.at("heat_maps").as_array(), boost::json::array{"loadgen/coroutine/c100"});
  EXPECT_NE(seen.at("background"), seen.at("dark_background"));
}

TEST(Page, can_be_used_with_the_keyboard_and_printed) {
  if (page_script().empty()) GTEST_SKIP() << "built without npm: the page has no charts";
  const boost::json::value seen = visited(with_curves());
  if (seen.is_null()) GTEST_SKIP() << "no chromium, node or puppeteer-core";
  EXPECT_EQ(seen.at("focus_is_seen"), true);
  EXPECT_EQ(seen.at("rows_without_passed"), 4);
  EXPECT_EQ(seen.at("filter_on_paper"), "none");
  EXPECT_EQ(seen.at("paper"), "#fff");
  EXPECT_EQ(seen.at("pdf"), "%PDF-");
  EXPECT_EQ(seen.at("folded_on_paper"), 0);
  EXPECT_EQ(seen.at("unfolded_after"), 0);
}

TEST(Page, hostile_bytes_and_a_symbol_named_script_stay_text_in_a_browser) {
  if (page_script().empty()) GTEST_SKIP() << "built without npm: the page has no charts";
  Report hostile = hostile_report();
  hostile.cases[0].findings[0].stacks[0][0].function = "<script>hacked = true</script>";
  hostile.cases[0].series = {{.name = "</script><script>hacked = true</script>",
                              .unit = "<img onerror=hacked=true src=x>",
                              .points = {{0, 1}, {1, 2}}}};
  const boost::json::value seen = visited(hostile);
  if (seen.is_null()) GTEST_SKIP() << "no chromium, node or puppeteer-core";
  EXPECT_EQ(seen.at("errors").as_array().size(), 0U) << seen.at("errors");
  EXPECT_EQ(seen.at("hacked"), false);
  EXPECT_EQ(seen.at("scripts"), 2) << "the data block and the bundle";
  EXPECT_EQ(seen.at("links"), 0);
  EXPECT_EQ(seen.at("rows"), 1);
}

}  // namespace
}  // namespace contend::ci
