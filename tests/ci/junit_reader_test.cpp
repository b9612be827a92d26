#include "ci/junit_reader.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "ci/render/junit.hpp"
#include "tests/ci/sample_reports.hpp"

namespace contend::ci {
namespace {

// As ctest 3.25 --output-junit writes it.
constexpr const char* of_ctest = R"xml(<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)" tests="3" failures="1" disabled="0" skipped="1" hostname="" time="0">
  <testcase name="Pacer.sends" classname="Pacer.sends" time="0.0125" status="run">
    <properties/><system-out>fine</system-out></testcase>
  <testcase name="Pacer.waits" classname="Pacer.waits" time="1e-3" status="fail">
    <failure message=""/><properties/><system-out>pacer_test.cpp:7: Failure
expected 3 &lt;b&gt;</system-out></testcase>
  <testcase name="Pacer.rests" classname="Pacer.rests" time="0" status="notrun">
    <skipped message="Disabled"/></testcase>
</testsuite>)xml";

TEST(JUnitReader, lists_the_tests_of_ctest) {
  const auto cases = read_junit(of_ctest, "unit");
  ASSERT_TRUE(cases) << cases.error().message;
  ASSERT_EQ(cases->size(), 3U);
  EXPECT_EQ(cases->at(0).id, "suite/unit/Pacer.sends");
  EXPECT_EQ(cases->at(0).verdict, Verdict::passed);
  EXPECT_EQ(cases->at(0).elapsed_ns, 12'500'000);
  EXPECT_EQ(cases->at(1).verdict, Verdict::failed);
  EXPECT_NE(cases->at(1).reason.find("pacer_test.cpp:7: Failure expected 3 <b>"), std::string::npos)
      << cases->at(1).reason;
  EXPECT_EQ(cases->at(2).verdict, Verdict::skipped);
  EXPECT_EQ(cases->at(2).reason, "Disabled");
}

TEST(JUnitReader, reads_what_we_write) {
  const auto cases = read_junit(render_junit(mixed_report()), "ours");
  ASSERT_TRUE(cases) << cases.error().message;
  ASSERT_EQ(cases->size(), 5U);
  const auto failed = std::ranges::count(*cases, Verdict::failed, &Case::verdict);
  EXPECT_EQ(failed, 2) << "a failure and an error";
  EXPECT_EQ(std::ranges::count(*cases, Verdict::skipped, &Case::verdict), 2);
}

TEST(JUnitReader, what_is_no_junit_is_an_error) {
  for (const char* text :
       {"", "no XML", "<testsuite>", "<html/>", "<testsuite><testcase name='a'>"}) {
    EXPECT_FALSE(read_junit(text, "unit")) << text;
  }
  EXPECT_TRUE(read_junit("<testsuites/>", "unit"));
}

TEST(JUnitReader, hostile_nesting_names_and_times_do_no_harm) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<testsuite>";
  deep += "<testcase name='unreachable'/>";
  for (int i = 0; i < 100'000; ++i) deep += "</testsuite>";
  EXPECT_EQ(read_junit(deep, "unit")->size(), 0U);
  const auto cases = read_junit(
      "<testsuite><testcase classname='a.b' name='&#27;[31m' time='1e999'/></testsuite>", "unit");
  ASSERT_TRUE(cases);
  EXPECT_EQ(cases->at(0).id, "suite/unit/a.b/\\x1b[31m");
  EXPECT_EQ(cases->at(0).elapsed_ns, 0);
}

}  // namespace
}  // namespace contend::ci
