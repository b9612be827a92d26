// A program of experiments for the explorer: one trial of one experiment with fresh threads, under
// whatever schedule the explorer chooses. Exits with 1 when the outcome is forbidden.
//
//   PROGRAM NAME
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "races/explore/repeat.hpp"
#include "races/runner/canary.hpp"

namespace {

using namespace contend::races;

/// The state, and room of its alignment around it.
class State {
 public:
  explicit State(const Body& body)
      : body_(body), memory_(std::aligned_alloc(body.alignment, rounded(body))) {
    body_.construct(memory_);
  }
  ~State() {
    body_.destroy(memory_);
    std::free(memory_);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void* get() { return memory_; }

 private:
  static std::size_t rounded(const Body& body) {
    return (body.size + body.alignment - 1) / body.alignment * body.alignment;
  }

  const Body& body_;
  void* memory_;
};

const Expectation* expectation_of(const Experiment& experiment, const std::string& seen) {
  const Expectation* any = nullptr;
  for (const Expectation& expectation : experiment.expectations) {
    if (expectation.seen == seen) return &expectation;
    if (expectation.seen == "*") any = &expectation;
  }
  return any;
}

int judge(const Experiment& experiment, const std::string& seen) {
  const Expectation* expectation = expectation_of(experiment, seen);
  if (expectation != nullptr && expectation->grade != forbidden) return 0;
  const char* why = expectation == nullptr ? "nobody foresaw it" : expectation->why.c_str();
  std::fprintf(stderr, "forbidden outcome \"%s\": %s\n", seen.c_str(), why);
  return 1;
}

int run_once(const Experiment& experiment) {
  State state(experiment.body);
  std::vector<std::thread> actors;
  for (void (*actor)(void*) : experiment.body.actors) actors.emplace_back(actor, state.get());
  for (std::thread& actor : actors) actor.join();
  if (experiment.body.arbiter != nullptr) experiment.body.arbiter(state.get());
  return judge(experiment, to_text(experiment.body.outcome(state.get())));
}

}  // namespace

int main(int argc, char** argv) {
  // Never destroyed: that would be watched.
  static const std::vector<Experiment>* all = nullptr;
  contend_explore_aside(
      [](void*) {
        auto* made = new std::vector<Experiment>(canaries());
        for (Experiment& experiment : catalogue()) made->push_back(std::move(experiment));
        all = made;
      },
      nullptr);
  for (const Experiment& experiment : *all) {
    if (argc != 2 || experiment.name != argv[1]) continue;
    return contend_explore_repeat(
        [](const void* one) { return run_once(*static_cast<const Experiment*>(one)); },
        &experiment);
  }
  std::fprintf(stderr, "usage: %s NAME, an experiment's\n", argv[0]);
  return 64;
}
