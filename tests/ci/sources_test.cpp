#include "ci/render/sources.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"

namespace contend::ci {
namespace {

TEST(Sources, gives_the_lines_below_its_root_and_nothing_else) {
  const ScratchFolder folder = ScratchFolder::make().value();
  std::filesystem::create_directories(folder.path() / "root/sub");
  ASSERT_TRUE(write_file(folder.path() / "root/sub/a.cpp", "one\ntwo\n"));
  ASSERT_TRUE(write_file(folder.path() / "secret", "secret\n"));
  Sources sources(folder.path() / "root");
  ASSERT_NE(sources.line("sub/a.cpp", 2), nullptr);
  EXPECT_EQ(*sources.line("sub/a.cpp", 2), "two");
  for (const std::int64_t number : {-1, 0, 3}) {
    EXPECT_EQ(sources.line("sub/a.cpp", number), nullptr) << number;
  }
  EXPECT_EQ(sources.line("../secret", 1), nullptr);
  EXPECT_EQ(sources.line("sub/../../secret", 1), nullptr);
  EXPECT_EQ(sources.line((folder.path() / "secret").string(), 1), nullptr);
  EXPECT_EQ(sources.line("sub", 1), nullptr);
  EXPECT_EQ(sources.line("", 1), nullptr);
}

}  // namespace
}  // namespace contend::ci
