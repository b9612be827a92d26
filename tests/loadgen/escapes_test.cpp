#include "loadgen/escapes.hpp"

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

TEST(Escapes, stand_for_bytes_that_have_no_key) {
  EXPECT_EQ(*unescape(R"(PING\r\n)"), "PING\r\n");
  EXPECT_EQ(*unescape(R"(a\tb\\c\"d\'\x00\xfF\0)"), std::string("a\tb\\c\"d'\0\xff\0", 11));
  EXPECT_EQ(*unescape("no escape, blanks and ünicode stay"), "no escape, blanks and ünicode stay");
  EXPECT_EQ(*unescape(""), "");
}

TEST(Escapes, that_mean_nothing_are_refused) {
  for (const char* bad : {R"(\q)", R"(\)", R"(\x)", R"(\x1)", R"(\xg1)", R"(\x+1)"}) {
    EXPECT_FALSE(unescape(bad)) << bad;
  }
}

}  // namespace
}  // namespace contend::loadgen
