// loadgen calibrate, and what later runs make of it.
#include <cstdlib>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/file.hpp"

#include "loadgen/ceiling.hpp"
#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using support::ScriptedServer;

/// Each test has a cache of its own.
class Calibrate : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("XDG_CACHE_HOME", cache_.path().c_str(), 1); }
  void TearDown() override { ::unsetenv("XDG_CACHE_HOME"); }

  std::filesystem::path file() const { return cache_.path() / "contend/loadgen-ceilings.json"; }
  Ran load(const std::vector<std::string>& more) const {
    ScriptedServer server(support::echo);
    std::vector<std::string> words{"-c", "2", "-n", "200"};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(server.target());
    return run_loadgen(words);
  }
  static const Metric& used(const Ran& ran) {
    return *find_metric(ran.only(), "ceiling_used_ratio");
  }

 private:
  const ScratchFolder cache_ = *ScratchFolder::make();
};

TEST_F(Calibrate, learns_what_a_later_run_is_measured_against) {
  const testing::Ran learned =
      testing::run_program({"loadgen", "calibrate", "-c", "4", "-s", "64"});
  EXPECT_EQ(learned.exit.code, 0) << learned.said();
  EXPECT_EQ(learned.out.find("tcp, 64 bytes, depth 1, 1 thread, text, verified, "), 0U)
      << learned.said();
  EXPECT_NE(learned.out.find("kept in " + file().string()), std::string::npos) << learned.said();
  const auto kept = boost::json::parse(read_file(file()).value()).at("ceilings").at(0);
  const double ceiling = kept.at("messages_per_second").to_number<double>();
  EXPECT_GT(ceiling, 0);

  const Ran same = load({});
  EXPECT_EQ(same.exit.code, 0) << same.text;
  EXPECT_EQ(same.metric("ceiling_per_second"), ceiling);
  EXPECT_DOUBLE_EQ(*used(same).value, same.metric("throughput_per_second") / ceiling);
  EXPECT_NE(same.text.find("that loadgen can make here"), std::string::npos) << same.text;

  const Ran other = load({"-p", "3"});
  EXPECT_FALSE(used(other).value) << "another load has another ceiling";
  EXPECT_NE(used(other).why.value().find("`loadgen calibrate -s 64 -p 3 -t 1 --engine "),
            std::string::npos)
      << *used(other).why;
  EXPECT_NE(used(load({"--pacer", "spin"})).why.value().find(" --pacer spin` learns it"),
            std::string::npos);
}

TEST_F(Calibrate, a_run_without_it_invents_nothing) {
  const Ran ran = load({});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_FALSE(used(ran).value);
  EXPECT_EQ(ran.text.find("that loadgen can make here"), std::string::npos) << ran.text;
  EXPECT_EQ(load({"--assert", "ceiling_used_ratio<2"}).exit.code, 2) << "no data is no pass";
}

TEST_F(Calibrate, a_broken_cache_is_said_and_harms_nothing) {
  std::filesystem::create_directories(file().parent_path());
  for (const char* text :
       {"", "{", "[]", R"({"ceilings":7})", R"({"ceilings":[1,{},{"shape":2}]})"}) {
    ASSERT_TRUE(write_file(file(), text));
    const Ran ran = load({});
    EXPECT_EQ(ran.exit.code, 0) << text << ran.text;
    EXPECT_FALSE(used(ran).value) << text;
  }
}

TEST_F(Calibrate, keeps_one_figure_for_each_shape_and_other_machines_theirs) {
  ASSERT_TRUE(save_ceiling(file(), "a", 1000));
  ASSERT_TRUE(save_ceiling(file(), "b", 2000));
  ASSERT_TRUE(save_ceiling(file(), "a", 3000));
  EXPECT_EQ(load_ceiling(file(), "a").value(), 3000);
  EXPECT_EQ(load_ceiling(file(), "b").value(), 2000);
  EXPECT_FALSE(load_ceiling(file(), "c"));
  std::string text = read_file(file()).value();
  for (auto at = text.find("\"machine\": \""); at != text.npos;
       at = text.find("\"machine\": \"", at + 13)) {
    text.insert(at + 12, "another ");
  }
  ASSERT_TRUE(write_file(file(), text));
  EXPECT_FALSE(load_ceiling(file(), "a")) << "another machine's";
  ASSERT_TRUE(save_ceiling(file(), "a", 4000));
  const auto all = boost::json::parse(read_file(file()).value()).at("ceilings").as_array();
  EXPECT_EQ(all.size(), 3U);
}

TEST_F(Calibrate, a_place_that_cannot_be_written_is_one_sentence) {
  ::setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
  const testing::Ran ran = testing::run_program({"loadgen", "calibrate", "-c", "2", "-s", "64"});
  EXPECT_EQ(ran.exit.code, 3) << ran.said();
  EXPECT_NE(ran.err.find("/proc/nowhere"), std::string::npos) << ran.said();
}

TEST_F(Calibrate, takes_only_what_a_ceiling_is_of) {
  const std::vector<std::vector<std::string>> all{{"loadgen", "calibrate", "127.0.0.1:80"},
                                                  {"loadgen", "calibrate", "-R", "100"},
                                                  {"loadgen", "calibrate", "-s", "0"}};
  for (const auto& words : all) {
    const testing::Ran ran = testing::run_program(words);
    EXPECT_EQ(ran.exit.code, 64) << ran.said();
    EXPECT_NE(ran.err.find(words[2]), std::string::npos) << ran.said();
  }
}

}  // namespace
}  // namespace contend::loadgen
