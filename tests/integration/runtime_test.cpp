// A sanitizer runtime that cannot start proves nothing: errored with the remedy, never clean.
#include <filesystem>
#include <sys/personality.h>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/host.hpp"

#include "tests/support/programs.hpp"

namespace contend::testing {
namespace {

namespace fs = std::filesystem;

/// An installation of its own, in which one program is replaced by a script.
class FakeRuntime : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root() / "bin");
    fs::create_directories(root() / "libexec/contend");
    for (const char* name : {"bin/races", "libexec/contend/races-native"}) {
      fs::copy_file(*find_program(fs::path(name).filename()), root() / name);
    }
  }
  fs::path root() const { return folder_.path() / "installed"; }

  void put_tsan_program(const std::string& script) {
    const fs::path path = root() / "libexec/contend/races-tsan";
    ASSERT_TRUE(write_file(path, "#!/bin/sh\n" + script));
    fs::permissions(path, fs::perms::owner_all);
  }
  Ran run_races() {
    return run_program(
        {root() / "bin/races", "run", "lost_update/mutex", "--modes", "tsan", "--json", "%json"});
  }

  ScratchFolder folder_ = *ScratchFolder::make();
};

TEST_F(FakeRuntime, that_dies_of_its_memory_mapping_is_errored_with_the_remedy) {
  put_tsan_program(
      "echo 'FATAL: ThreadSanitizer: unexpected memory mapping 0x7a-0x7b' >&2\nexit 66\n");
  const Ran ran = run_races();
  EXPECT_EQ(ran.exit.code, 3) << ran.said();
  ASSERT_TRUE(ran.report) << ran.said();
  EXPECT_EQ(overall(*ran.report), Verdict::errored);
  EXPECT_NE(ran.said().find("vm.mmap_rnd_bits"), std::string::npos) << ran.said();
}

TEST_F(FakeRuntime, that_says_nothing_at_all_is_not_clean) {
  put_tsan_program("exit 0\n");
  const Ran ran = run_races();
  EXPECT_NE(ran.exit.code, 0) << ran.said();
}

TEST_F(FakeRuntime, that_is_the_real_one_is_clean) {
  fs::copy_file(*find_program("races-tsan"), root() / "libexec/contend/races-tsan");
  const Ran ran = run_races();
  EXPECT_EQ(ran.exit.code, 0) << ran.said();
}

TEST(SanitizedTest, is_started_by_ctest_without_address_randomisation) {
  if (this_sanitizer() == std::string("none")) GTEST_SKIP() << "only sanitized programs need it";
  const int now = ::personality(0xffffffff);
  if (now >= 0 && (now & ADDR_NO_RANDOMIZE) == 0 &&
      ::personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE) < 0) {
    GTEST_SKIP() << "this container refuses personality()";
  }
  EXPECT_NE(now & ADDR_NO_RANDOMIZE, 0);
}

}  // namespace
}  // namespace contend::testing
