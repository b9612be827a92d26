#include "ci/render/markdown.hpp"

#include <gtest/gtest.h>

#include "tests/ci/approved.hpp"
#include "tests/ci/sample_reports.hpp"
#include "tests/ci/tool.hpp"

namespace contend::ci {
namespace {

TEST(Markdown, is_as_approved) {
  EXPECT_TRUE(is_approved("passing.report.md", render_markdown(passing_report())));
  EXPECT_TRUE(is_approved("mixed.report.md", render_markdown(mixed_report())));
  EXPECT_TRUE(is_approved("empty.report.md", render_markdown(empty_report())));
  EXPECT_TRUE(is_approved("hostile.report.md", render_markdown(hostile_report())));
}

TEST(Markdown, says_the_verdict_first_and_the_worst_case_first) {
  const std::string text = render_markdown(mixed_report());
  EXPECT_TRUE(text.starts_with("### Contend: ERRORED"));
  EXPECT_LT(text.find("contend/load-pool"), text.find("races/lost_update/mutex"));
  EXPECT_LT(text.find("races/lost_update/mutex"), text.find("loadgen/coroutine"));
}

TEST(Markdown, hostile_text_stays_text_for_a_reader_we_did_not_write) {
  if (!has_tool("cmark-gfm")) GTEST_SKIP() << "no cmark-gfm";
  const std::vector<std::string> to_html{
      "cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "{}"};
  const Judgement page = ask(to_html, render_markdown(hostile_report()));
  ASSERT_TRUE(page.accepted) << page.said;
  EXPECT_NE(page.said.find("&lt;script&gt;"), std::string::npos);
  EXPECT_NE(page.said.find("</details>"), std::string::npos);
  for (const char* markup : {"<script", "<a ", "<del>", "<em>"}) {
    EXPECT_EQ(page.said.find(markup), std::string::npos) << markup << " in\n" << page.said;
  }
  EXPECT_NE(ask(to_html, "<script>").said.find("<script"), std::string::npos);
}

}  // namespace
}  // namespace contend::ci
