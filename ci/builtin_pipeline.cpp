#include "ci/builtin_pipeline.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "core/file.hpp"

#include "ci/run_step.hpp"

namespace contend::ci {
namespace {

using namespace std::chrono_literals;
using std::filesystem::path;

/// The first word of every line that `echo-server --list` prints, up to the first blank one, after
/// which it lists other things.
Expected<std::vector<std::string>> list_models(const path& server, const path& folder) {
  const path listing = folder / "echo-server.list";
  const Command command{.argv = {server, "--list"}, .stdout_to = listing};
  const Expected<Exit> exit = run(command, 10s);
  if (!exit) return exit.error();
  if (!exit->ok()) return world_error("echo-server --list " + describe(*exit));
  const Expected<std::string> text = read_file(listing);
  if (!text) return text.error();
  std::vector<std::string> models;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::string word;
    if (!(std::istringstream(line) >> word)) break;
    models.push_back(word);
  }
  if (models.empty()) return world_error("echo-server --list named no model");
  return models;
}

/// The model that a machine may lack: a kernel or a container forbids it, or it is not built.
constexpr const char* optional_model = "uring";

/// Why the server says that it cannot serve so here; none when it can, or breaks in another way.
std::optional<std::string> refusal(const path& server, const std::string& model,
                                   const path& folder) {
  const path said = folder / (model + ".tried");
  Expected<Child> child = Child::start(
      {.argv = {server, "--model", model, "--port", "0"}, .stdout_to = said, .stderr_to = said});
  if (!child) return std::nullopt;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < deadline) {
    const std::optional<Exit> exit = child->wait_until(std::chrono::steady_clock::now() + 10ms);
    const Expected<std::string> text = read_file(said);
    if (exit) {
      if (exit->code != 3 || !text) return std::nullopt;
      return text->substr(0, text->find('\n'));
    }
    if (text && text->find("listening on") != std::string::npos) break;
  }
  child->stop(1s);
  return std::nullopt;
}

Step make_step(const path& folder, const std::string& name, std::string title,
               std::vector<std::string> argv, Nanoseconds budget) {
  const path report = folder / (name + ".json");
  argv.insert(argv.end(), {"--json", report});
  return {.name = name,
          .title = std::move(title),
          .command = {.argv = std::move(argv)},
          .report = report,
          .log = folder / (name + ".log"),
          .budget = budget};
}

/// The sequential model serves one client at a time, so it gets a few with little to say: enough to
/// see who waits for whom.
Step load_step(const path& loadgen, const path& server, const std::string& model,
               const path& folder) {
  const bool sequential = model == "sequential";
  const std::string spawn = quote_words({server, "--model", model}) + " --port {port}";
  return make_step(folder, "load-" + model,
                   fmt::format("{} clients against the {} server", sequential ? 8 : 100, model),
                   {loadgen, "-c", sequential ? "8" : "100", "-n", sequential ? "80" : "10000",
                    "--name", model, "--spawn", spawn},
                   60s);
}

/// The same load on a ThreadSanitizer build whose threads count what they echo in a shared n += …:
/// clients' count, server's count, what got lost and the race that was seen, side by side.
Step counter_step(const path& loadgen, const path& server, const std::string& kind,
                  const path& folder) {
  const path stats = folder / ("counter-" + kind + ".stats.json");
  const std::string spawn =
      quote_words({server, "--model", "thread", "--counter", kind, "--stats", stats}) +
      " --port {port}";
  Step step = make_step(
      folder, "counter-" + kind, "clients against a server that counts: " + kind,
      {loadgen, "-c", "16", "-n", "4000", "--name", "counter-" + kind, "--spawn", spawn}, 120s);
  // With its default, ThreadSanitizer takes all sockets for one lock, which hides this very race.
  step.command.env = {{"TSAN_OPTIONS", "io_sync=0"}};
  step.stats = stats;
  if (kind == "plain") {
    step.expect = Expect::defect;
    step.defect = "tsan.data-race,server.lost-update";
  }
  return step;
}

void plan_counters(Pipeline& pipeline, const path& loadgen, const path& folder) {
  const Expected<path> server = find_program("echo-server-tsan");
  if (!server) {
    pipeline.broken.push_back(broken_step("counter", "servers that count", server.error().message));
    return;
  }
  for (const char* kind : {"plain", "mutex", "atomic"}) {
    pipeline.steps.push_back(counter_step(loadgen, *server, kind, folder));
  }
}

void plan_load(Pipeline& pipeline, const path& folder) {
  const Expected<path> loadgen = find_program("loadgen");
  const Expected<path> server = find_program("echo-server");
  if (!loadgen || !server) {
    pipeline.broken.push_back(broken_step("load", "the shipped servers under load",
                                          (loadgen ? server : loadgen).error().message));
    return;
  }
  const Expected<std::vector<std::string>> models = list_models(*server, folder);
  if (!models) {
    pipeline.broken.push_back(
        broken_step("load", "the shipped servers under load", models.error().message));
    return;
  }
  for (const std::string& model : *models) {
    const auto refused = model == optional_model ? refusal(*server, model, folder) : std::nullopt;
    if (refused) {
      pipeline.broken.push_back({.id = "loadgen/" + model + "/c100",
                                 .title = "100 clients against the " + model + " server",
                                 .verdict = Verdict::skipped,
                                 .reason = *refused});
      continue;
    }
    pipeline.steps.push_back(load_step(*loadgen, *server, model, folder));
  }
  const bool has_threads = std::ranges::find(*models, "thread") != models->end();
  if (has_threads) plan_counters(pipeline, *loadgen, folder);
}

void plan_experiments(Pipeline& pipeline, const path& folder) {
  const Expected<path> races = find_program("races");
  const std::string title = "n += 1: plain, with a mutex, atomic";
  if (!races) {
    pipeline.broken.push_back(broken_step("lost-update", title, races.error().message));
    return;
  }
  // The plain variant runs on until its first loss, at most half a minute, in each of two lenses.
  pipeline.steps.push_back(make_step(folder, "lost-update", title,
                                     {*races, "run", "lost_update", "--modes", "native,tsan"},
                                     5min));
}

}  // namespace

Pipeline builtin_pipeline(const path& folder) {
  Pipeline pipeline{.name = "built-in"};
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    pipeline.broken.push_back(
        broken_step("prepare", "making " + folder.string(), failed.message()));
    return pipeline;
  }
  plan_load(pipeline, folder);
  plan_experiments(pipeline, folder);
  return pipeline;
}

}  // namespace contend::ci
