#include "ci/render/rules.hpp"

#include <filesystem>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "core/file.hpp"

namespace contend::ci {
namespace {

namespace fs = std::filesystem;

/// All that stands in the first group of `pattern` in a source file of `folder`.
std::set<std::string> named_in(const std::string& folder, const std::string& pattern) {
  std::set<std::string> names;
  const std::regex expression(pattern);
  for (const auto& each : fs::recursive_directory_iterator(fs::path(CONTEND_SOURCE_DIR) / folder)) {
    if (each.path().extension() != ".cpp") continue;
    const Expected<std::string> text = read_file(each.path());
    if (!text) continue;
    for (std::sregex_iterator hit(text->begin(), text->end(), expression), none; hit != none;
         ++hit) {
      names.insert((*hit)[1].str());
    }
  }
  return names;
}

bool is_explained(const std::string& rule) {
  return !find_rule(rule).what.starts_with("Reported as ");
}

TEST(Rules, explain_whatever_explore_and_races_report) {
  const std::set<std::string> names = named_in("races", R"re("((?:explore|races)\.[a-z-]+)")re");
  EXPECT_GT(names.size(), 9U);
  for (const std::string& name : names) EXPECT_TRUE(is_explained(name)) << name;
}

TEST(Rules, explain_each_cause_of_loadgen) {
  const std::set<std::string> names = named_in("loadgen", R"re(\n    \{"([a-z_]+)", "[^"]+"\},)re");
  EXPECT_TRUE(names.contains("corrupt"));
  EXPECT_GE(names.size(), 18U);
  for (const std::string& name : names) EXPECT_TRUE(is_explained("loadgen." + name)) << name;
}

TEST(Rules, say_of_one_that_nobody_wrote_about_where_it_is_from) {
  const Rule rule = find_rule("tsan.double-lock-of-a-mutex");
  EXPECT_EQ(rule.name, "tsan double lock of a mutex");
  EXPECT_EQ(rule.what, "Reported as tsan.double-lock-of-a-mutex.");
}

}  // namespace
}  // namespace contend::ci
