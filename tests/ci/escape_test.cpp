#include "ci/render/escape.hpp"

#include <gtest/gtest.h>

namespace contend::ci {
namespace {

TEST(Escape, xml_has_no_markup_and_no_control_character_left) {
  EXPECT_EQ(escape_xml("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
  EXPECT_EQ(escape_xml(std::string_view("a\0b\x1b", 4)), "a\\x00b\\x1b");
  EXPECT_EQ(escape_xml("\xEF\xBF\xBF"), "\xEF\xBF\xBD");
  EXPECT_EQ(escape_xml("grün"), "grün");
}

TEST(Escape, a_block_keeps_its_lines) {
  EXPECT_EQ(escape_xml_block("<\n>\n"), "&lt;\n&gt;\n");
  EXPECT_EQ(escape_xml("a\nb"), "a\\x0ab");
}

TEST(Escape, markdown_markup_has_no_effect) {
  EXPECT_EQ(escape_markdown("*a* [b](c) | <d> @e"), "\\*a\\* \\[b\\](c) \\| &lt;d&gt; &#64;e");
}

TEST(Escape, a_code_span_outlasts_the_ticks_in_it) {
  EXPECT_EQ(markdown_code("a"), "`a`");
  EXPECT_EQ(markdown_code("a``b"), "```a``b```");
  EXPECT_EQ(markdown_code("`a"), "`` `a ``");
  EXPECT_EQ(markdown_code("a|b|"), "`a\\|b\\|`");
  EXPECT_EQ(markdown_code(""), "–");
}

TEST(Escape, a_code_block_outlasts_the_fence_in_it) {
  EXPECT_EQ(markdown_block("a\n```\nb"), "````text\na\n```\nb\n````\n");
}

}  // namespace
}  // namespace contend::ci
