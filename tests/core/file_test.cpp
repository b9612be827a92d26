#include "core/file.hpp"

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace contend {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  ScratchFolder folder_ = *ScratchFolder::make();
};

TEST_F(FileTest, a_write_replaces_the_whole_file) {
  const fs::path path = folder_.path() / "a";
  ASSERT_TRUE(write_file(path, std::string(100'000, 'x')));
  ASSERT_TRUE(write_file(path, "short"));
  EXPECT_EQ(*read_file(path), "short");
}

TEST_F(FileTest, a_link_stays_a_link_and_what_it_leads_to_is_written) {
  const auto target = folder_.path() / "target";
  const auto link = folder_.path() / "link";
  ASSERT_TRUE(write_file(target, "a longer text"));
  std::filesystem::create_symlink(target, link);
  ASSERT_TRUE(write_file(link, "short"));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(*read_file(target), "short");
}

TEST_F(FileTest, a_full_disk_is_an_error) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  const auto written = write_file("/dev/full", "text");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("No space left"), std::string::npos);
}

TEST_F(FileTest, says_beforehand_what_could_not_be_written) {
  EXPECT_TRUE(check_writable(folder_.path() / "new"));
  EXPECT_FALSE(fs::exists(folder_.path() / "new"));
  EXPECT_FALSE(check_writable(folder_.path() / "missing" / "new"));
  EXPECT_FALSE(check_writable(folder_.path()));
}

TEST_F(FileTest, reading_names_the_path_that_is_not_there) {
  const auto text = read_file(folder_.path() / "gone");
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find("gone: No such file"), std::string::npos);
}

TEST(ScratchFolder, is_gone_with_all_it_holds) {
  fs::path path;
  {
    const ScratchFolder folder = *ScratchFolder::make();
    path = folder.path();
    ASSERT_TRUE(write_file(path / "a", "b"));
  }
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace contend
