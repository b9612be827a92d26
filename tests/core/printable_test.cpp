#include "core/printable.hpp"

#include <gtest/gtest.h>

namespace contend {
namespace {

TEST(Printable, leaves_readable_text_alone) {
  EXPECT_EQ(printable("p99 < 5 ms — größer, 速い, 🙂"),
            "p99 < 5 ms — größer, 速い, 🙂");
}

TEST(Printable, shows_every_control_byte_and_broken_utf8_in_hex) {
  EXPECT_EQ(printable(std::string_view("\0\n\x1b[31m\x7f", 8)), "\\x00\\x0a\\x1b[31m\\x7f");
  EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "a C1 control";
}

TEST(Printable, does_not_let_text_turn_its_direction_around) {
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b"),
            "a\\xe2\\x80\\xaeb");
}

TEST(Printable, cuts_what_is_too_long_and_marks_the_cut) {
  EXPECT_EQ(printable(std::string(50, 'a'), 10), std::string(10, 'a') + "…");
}

}  // namespace
}  // namespace contend
