// Judged by a JSON Schema validator that we did not write.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/report_json.hpp"

#include "tests/ci/sample_reports.hpp"
#include "tests/ci/tool.hpp"

namespace contend::ci {
namespace {

constexpr const char* validate =
    "import json, sys, jsonschema\n"
    "schema = json.load(open(sys.argv[1]))\n"
    "jsonschema.Draft202012Validator.check_schema(schema)\n"
    "jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[2])))\n";

class Schema : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!ask({"/usr/bin/python3", "-c", "import jsonschema"}, "").accepted) {
      GTEST_SKIP() << "no python3-jsonschema";
    }
  }
  static Judgement judge(const std::string& text) {
    return ask({"/usr/bin/python3", "-c", validate, CONTEND_REPORT_SCHEMA, "{}"}, text);
  }
};

TEST_F(Schema, accepts_what_we_write) {
  for (const Report& report :
       {passing_report(), mixed_report(), empty_report(), hostile_report()}) {
    const Judgement judgement = judge(to_json(report));
    EXPECT_TRUE(judgement.accepted) << judgement.said;
  }
}

TEST_F(Schema, refuses_what_is_no_report) {
  EXPECT_FALSE(judge("{}").accepted);
  auto tree = boost::json::parse(to_json(mixed_report()));
  const auto with = [&](const char* pointer, const boost::json::value& value) {
    auto changed = tree;
    changed.at_pointer(pointer) = value;
    return boost::json::serialize(changed);
  };
  EXPECT_TRUE(judge(boost::json::serialize(tree)).accepted);
  EXPECT_FALSE(judge(with("/schema", "contend.report/2")).accepted);
  EXPECT_FALSE(judge(with("/cases/0/verdict", "green")).accepted);
  EXPECT_FALSE(judge(with("/cases/0/elapsed_ns", -1)).accepted);
  EXPECT_FALSE(judge(with("/cases/0/metrics/0/value", nullptr)).accepted);
}

/// The schema and the model must have the same members, or one of them was forgotten.
void same_members(const boost::json::value& instance, const boost::json::value& schema,
                  const boost::json::value& root, const std::string& where) {
  const auto* reference = schema.as_object().if_contains("$ref");
  if (reference != nullptr) {
    const std::string pointer(reference->as_string().subview(1));
    return same_members(instance, root.at_pointer(pointer), root, where);
  }
  if (const auto* items = schema.as_object().if_contains("items"); items && instance.is_array()) {
    for (const auto& item : instance.as_array()) same_members(item, *items, root, where + "[]");
  }
  const auto* properties = schema.as_object().if_contains("properties");
  if (properties == nullptr || !instance.is_object()) return;
  for (const auto& [name, value] : instance.as_object()) {
    const auto* known = properties->as_object().if_contains(name);
    ASSERT_NE(known, nullptr) << where << "." << name << " is not in the schema";
    same_members(value, *known, root, where + "." + std::string(name));
  }
  EXPECT_EQ(properties->as_object().size(), instance.as_object().size()) << where;
}

TEST(SchemaFile, names_every_member_of_the_model_and_no_other) {
  const auto schema = boost::json::parse(*read_file(CONTEND_REPORT_SCHEMA));
  same_members(boost::json::parse(to_json(mixed_report())), schema, schema, "report");
}

TEST(ReportJson, bytes_that_are_no_text_come_back_as_hex) {
  const auto back = report_from_json(to_json(hostile_report()));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_NE(back->cases[0].reason.find("\\xff\\xfe"), std::string::npos);
  EXPECT_NE(back->cases[0].reason.find('\x1b'), std::string::npos) << "JSON can hold a control";
  EXPECT_EQ(report_from_json(to_json(*back)).value(), *back);
}

}  // namespace
}  // namespace contend::ci
