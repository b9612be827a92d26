#include "core/file.hpp"

#include <fcntl.h>
#include <filesystem>
#include <future>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace contend {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

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

TEST_F(FileTest, what_a_descriptor_of_ours_had_written_before_stays) {
  const fs::path path = folder_.path() / "sum";
  for (const char* folder : {"/dev/fd/", "/proc/self/fd/"}) {
    ASSERT_TRUE(write_file(path, "earlier\n"));
    const int appending = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    const auto written = write_file(folder + std::to_string(appending), "later\n");
    ::close(appending);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(*read_file(path), "earlier\nlater\n");
  }
}

TEST_F(FileTest, a_pipe_that_nobody_reads_is_an_error_and_not_for_ever) {
  const fs::path path = folder_.path() / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto nobody = write_file_within(100ms, path, "text");
  ASSERT_FALSE(nobody);
  EXPECT_NE(nobody.error().message.find("No such device or address"), std::string::npos);
  const int idle = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  const auto full = write_file_within(100ms, path, std::string(3'000'000, 'x'));
  ::close(idle);
  ASSERT_FALSE(full);
  EXPECT_NE(full.error().message.find("timed out"), std::string::npos) << full.error().message;
}

TEST_F(FileTest, a_full_pipe_that_is_ours_is_an_error_and_not_for_ever) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const auto full =
      write_file_within(100ms, "/dev/fd/" + std::to_string(ends[1]), std::string(3'000'000, 'x'));
  EXPECT_EQ(::fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0) << "others share it";
  ::close(ends[0]);
  ::close(ends[1]);
  ASSERT_FALSE(full);
  EXPECT_NE(full.error().message.find("timed out"), std::string::npos) << full.error().message;
}

TEST_F(FileTest, a_pipe_that_is_read_gets_the_whole_text) {
  const fs::path path = folder_.path() / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const std::string text(3'000'000, 'x');
  for (const bool patient : {false, true}) {
    auto read = std::async(std::launch::async, [&] { return read_file(path).value(); });
    const int first = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);  // waits for the reader
    const auto written = patient ? write_file_within(60s, path, text) : write_file(path, text);
    ::close(first);
    const bool whole = read.get() == text;
    EXPECT_TRUE(written) << written.error().message;
    EXPECT_TRUE(whole);
  }
}

TEST_F(FileTest, says_beforehand_what_could_not_be_written) {
  EXPECT_TRUE(check_writable(folder_.path() / "new"));
  EXPECT_FALSE(fs::exists(folder_.path() / "new"));
  EXPECT_FALSE(check_writable(folder_.path() / "missing" / "new"));
  EXPECT_FALSE(check_writable(folder_.path()));
  fs::create_symlink("itself", folder_.path() / "itself");
  EXPECT_FALSE(check_writable(folder_.path() / "itself"));
  EXPECT_FALSE(check_writable(folder_.path() / std::string(5000, 'x')));
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
