// The files that bring contend into other people's CI, held to the linters of their owners where
// those are at hand.
#include <tuple>

#include <gtest/gtest.h>

#include "core/file.hpp"

#include "ci/renderers.hpp"
#include "tests/ci/tool.hpp"

namespace contend::ci {
namespace {

std::string text_of(const char* path) {
  const auto text = read_file(std::filesystem::path(CONTEND_SOURCE_DIR) / path);
  EXPECT_TRUE(text) << path;
  return text ? *text : "";
}

TEST(DropIn, the_github_action_is_valid) {
  const std::string linter = npm_judge("@action-validator/cli/cli.mjs");
  if (linter.empty()) GTEST_SKIP() << "no action-validator: npm could not install tests/ci/judges";
  const auto judged = [&](const std::string& text) {
    return ask(
        {"sh", "-c",
         "cp \"$2\" \"$2.d.yml\" && mkdir \"$2.d\" && mv \"$2.d.yml\" \"$2.d/action.yml\" && "
         "exec node \"$1\" \"$2.d/action.yml\"",
         "sh", linter, "{}"},
        text);
  };
  const Judgement judgement = judged(text_of("action.yml"));
  EXPECT_TRUE(judgement.accepted) << judgement.said;
  EXPECT_FALSE(judged("name: a\ndescription: b\nruns:\n  using: magic\n").accepted);
}

TEST(DropIn, the_gitlab_template_is_valid_yaml) {
  if (!has_tool("yamllint")) GTEST_SKIP() << "no yamllint";
  const std::vector<std::string> lint{
      "yamllint", "--strict", "-d",
      "{extends: default, rules: {document-start: disable, line-length: {max: 120}}}", "{}"};
  const Judgement judgement = ask(lint, text_of("ci/gitlab/contend.gitlab-ci.yml"));
  EXPECT_TRUE(judgement.accepted) << judgement.said;
  EXPECT_FALSE(ask(lint, "a: 1\na: 2\n").accepted) << "a key twice";
}

TEST(DropIn, the_kubernetes_manifests_fit_the_schemas) {
  if (npm_judge("kubernetes-models/package.json").empty()) {
    GTEST_SKIP() << "no kubernetes-models: npm could not install tests/ci/judges";
  }
  const std::string judge = std::string(CONTEND_JUDGES_DIR) + "/kubernetes.cjs";
  const auto judged = [&](const std::string& text) { return ask({"node", judge, "{}"}, text); };
  const std::vector<std::tuple<const char*, const char*, const char*>> planted{
      {"docs/kubernetes/indexed-job.yaml", "completions: 4", "completions: four"},
      {"docs/kubernetes/indexed-job.yaml", "image: IMAGE", "image: [IMAGE]"},
      {"docs/kubernetes/mpijob.yaml", "slotsPerWorker", "slotPerWorker"},
      {"docs/kubernetes/mpijob.yaml", "replicas: 4", "replicas: many"},
      {"docs/kubernetes/mpijob.yaml", "command: [\"mpirun\"]", "command: mpirun"}};
  for (const auto& [path, right, wrong] : planted) {
    std::string text = text_of(path);
    const Judgement judgement = judged(text);
    EXPECT_TRUE(judgement.accepted) << path << ": " << judgement.said;
    const std::size_t at = text.find(right);
    ASSERT_NE(at, std::string::npos) << right;
    EXPECT_FALSE(judged(text.replace(at, std::string(right).size(), wrong)).accepted) << wrong;
  }
}

/// What follows "--to " in a text, each once.
std::vector<std::string> formats_named(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = text.find("--to "); at != std::string::npos;
       at = text.find("--to ", at + 1)) {
    out.push_back(text.substr(at + 5, text.find(' ', at + 5) - at - 5));
  }
  return out;
}

TEST(DropIn, run_the_same_command_and_name_only_formats_there_are) {
  for (const char* path : {"action.yml", "ci/gitlab/contend.gitlab-ci.yml"}) {
    const std::string text = text_of(path);
    EXPECT_NE(text.find(" run ${"), std::string::npos) << path;
    EXPECT_FALSE(formats_named(text).empty()) << path;
    for (const std::string& format : formats_named(text)) {
      EXPECT_NE(find_renderer(format), nullptr) << path << " names " << format;
    }
  }
}

}  // namespace
}  // namespace contend::ci
