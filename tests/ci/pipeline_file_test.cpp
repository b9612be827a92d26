#include "ci/pipeline_file.hpp"

#include <gtest/gtest.h>

namespace contend::ci {
namespace {

/// The sentence that a bad file gets.
std::string refused(std::string_view text) {
  const auto parsed = parse_pipeline_file(text, "contend.toml");
  EXPECT_FALSE(parsed) << text;
  if (parsed) return "";
  EXPECT_EQ(parsed.error().kind, ErrorKind::usage);
  return parsed.error().message;
}

TEST(PipelineFile, reads_every_key) {
  const auto parsed = parse_pipeline_file(R"(
    budget = "90s"
    limits = ["p99<=5ms", "loadgen/a*:rate>=1k"]
    baseline = "base.json"
    known = "known.txt"
    [[server]]
    name = "mine"
    command = "./mine --port {port}"
    [[load]]
    name = "c100"
    server = "mine"
    options = "-c 100 --message 'two words'"
    expect = "defect"
    budget = "10s"
    [[experiment]]
    name = "lost_update/plain"
    modes = "native"
    [[suite]]
    name = "unit"
    command = "ctest --test-dir build"
    expect = "tsan.data-race,tsan.thread-leak"
  )",
                                          "contend.toml");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->budget, std::chrono::seconds(90));
  EXPECT_EQ(parsed->limits.size(), 2U);
  EXPECT_EQ(parsed->baseline, "base.json");
  EXPECT_EQ(parsed->servers.at(0).command, "./mine --port {port}");
  EXPECT_EQ(parsed->loads.at(0).options.back(), "two words");
  EXPECT_EQ(parsed->loads.at(0).expect, Expect::defect);
  EXPECT_EQ(parsed->loads.at(0).budget, std::chrono::seconds(10));
  EXPECT_EQ(parsed->experiments.at(0).modes, "native");
  EXPECT_EQ(parsed->suites.at(0).command.size(), 3U);
  EXPECT_EQ(parsed->loads.at(0).defect, "*");
  EXPECT_EQ(parsed->suites.at(0).expect, Expect::defect);
  EXPECT_EQ(parsed->suites.at(0).defect, "tsan.data-race,tsan.thread-leak");
}

TEST(PipelineFile, names_a_wrong_key_with_its_line_and_what_is_known) {
  const std::string said = refused("[[server]]\nname = 'a'\ncomand = 'x'\ncommand = 'y'\n");
  EXPECT_TRUE(said.starts_with("contend.toml:3: unknown key \"comand\" in [[server]]")) << said;
  EXPECT_NE(said.find("known are name, command, address"), std::string::npos) << said;
  EXPECT_TRUE(refused("budjet = '1s'\n").starts_with("contend.toml:1: unknown key \"budjet\""));
}

TEST(PipelineFile, names_the_line_of_a_value_that_makes_no_sense) {
  const auto line = [](std::string_view text) {
    const std::string said = refused(text);
    return said.substr(0, said.find(": "));
  };
  EXPECT_EQ(line("\nbudget = 'soon'\n"), "contend.toml:2");
  EXPECT_EQ(line("budget = 7\n"), "contend.toml:1");
  EXPECT_EQ(line("\n\nlimits = ['p99']\n"), "contend.toml:3");
  EXPECT_EQ(line("limits = 'p99<1s'\n"), "contend.toml:1");
  EXPECT_EQ(line("[server]\nname = 'a'\n"), "contend.toml:1");
  EXPECT_EQ(line("\n[[server]]\nname = 'a'\n"), "contend.toml:2");
  EXPECT_EQ(line("[[server]]\nname = '../a'\naddress = 'b:1'\n"), "contend.toml:1");
  EXPECT_EQ(line("[[suite]]\nname = 'a'\ncommand = 'echo \"'\n"), "contend.toml:3");
  EXPECT_EQ(line("[[load]]\nname = 'a'\nexpect = 'luck'\n"), "contend.toml:3");
  EXPECT_EQ(line("a = \n"), "contend.toml:1") << "not TOML";
  EXPECT_NE(refused("[[load]]\nname = 'a'\n").find("no [[server]]"), std::string::npos);
  EXPECT_NE(refused("[[server]]\nname='a'\naddress='b:1'\n[[load]]\nname='l'\nserver='c'\n")
                .find("\"c\", which is not there"),
            std::string::npos);
}

TEST(PipelineFile, what_init_writes_is_valid) {
  const auto parsed = parse_pipeline_file(pipeline_template(), "template");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->loads.size(), 1U);
}

}  // namespace
}  // namespace contend::ci
