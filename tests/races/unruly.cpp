// Experiments that misbehave: they must be told for what they are, and harm none of the others.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <contend/races.hpp>

namespace {

using namespace contend::races;
using namespace std::chrono_literals;

struct Calm {
  void actor1() {}
  void actor2() {}
  int outcome() const { return 1; }
};

/// Never asleep for long, never busy for long, and never done.
struct Polls : Calm {
  std::atomic<bool> is_set = false;
  void actor1() {
    while (!is_set) std::this_thread::sleep_for(1ms);
  }
};

/// Slow, and otherwise fine.
struct Naps : Calm {
  void actor1() { std::this_thread::sleep_for(700ms); }
};

struct Aborts : Calm {
  // Inlined into both ways of a sweep, the two calls become one, which has no line.
  [[gnu::noinline]] void actor1() { std::abort(); }
};

/// Leaves half a line where the runner writes its own.
struct Prints : Calm {
  void actor1() {
    std::fputs("half a line", stdout);
    std::fflush(stdout);
  }
};

template <class State>
Experiment graded(const char* name) {
  Experiment experiment = fixed<State>(name, "misbehaves");
  experiment.expect("1", acceptable, "ended").at_most(1);
  return experiment;
}

}  // namespace

std::vector<Experiment> contend::races::catalogue() {
  return {graded<Polls>("unruly/polls"), graded<Naps>("unruly/naps"),
          graded<Aborts>("unruly/aborts"), graded<Prints>("unruly/prints"),
          graded<Calm>("unruly/calm")};
}
