// Write an experiment: a struct with the shared state, two to four actors, and what a trial ended
// with. From this one source Contend builds a native program, one under ThreadSanitizer and one
// under its own scheduler. Not a test framework: what is right and wrong is data (Expectation).
//
//   struct Plain {
//     int n = 0;
//     void actor1() { n += 1; }
//     void actor2() { n += 1; }
//     int outcome() const { return n; }
//   };
//
//   std::vector<contend::races::Experiment> contend::races::catalogue() {
//     return {broken<Plain>("counter/plain", "n += 1 on an int")
//                 .expect("2", acceptable, "both increments counted")
//                 .expect("1", forbidden, "both read 0, so one increment was lost")};
//   }
//
// Needs C++20 and nothing else. docs/experiments.md has the walk-through.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace contend::races {

/// What a trial ended with: up to four integers, shown as "1, 0".
struct Seen {
  std::array<std::int64_t, 4> values{};
  std::size_t size = 0;

  bool operator==(const Seen&) const = default;
};

/// "1, 0".
inline std::string to_text(const Seen& seen) {
  std::string text;
  for (std::size_t i = 0; i < seen.size; ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(seen.values[i]);
  }
  return text;
}

/// How often each outcome was seen. Few outcomes are expected, so a list is searched.
class Counts {
 public:
  void add(const Seen& seen, std::uint64_t times) {
    for (auto& [known, count] : counts_) {
      if (known == seen) {
        count += times;
        return;
      }
    }
    counts_.emplace_back(seen, times);
  }

  const std::vector<std::pair<Seen, std::uint64_t>>& all() const { return counts_; }

 private:
  std::vector<std::pair<Seen, std::uint64_t>> counts_;
};

enum class Grade {
  acceptable,   ///< what one would expect
  interesting,  ///< allowed, yet surprising
  forbidden     ///< the defect
};
inline constexpr Grade acceptable = Grade::acceptable;
inline constexpr Grade interesting = Grade::interesting;
inline constexpr Grade forbidden = Grade::forbidden;

/// `seen` is the outcome's text, or one of the two ways in which a trial has no outcome: "hang" and
/// "crash"; "*" stands for every outcome that is not listed.
struct Expectation {
  std::string seen;
  Grade grade = Grade::acceptable;
  std::string why;
};

/// What a lens (native, tsan, explore) is known to see of an experiment.
enum class Sight {
  sees,        ///< a broken one: the defect; not seen is then inconclusive
  blind,       ///< broken all the same, but this lens cannot show it, and `why` says so
  false_alarm  ///< a correct one that this lens accuses nevertheless, and `why` says so
};

struct View {
  std::string lens;
  Sight sight = Sight::sees;
  std::string why;
};

/// How the actors meet.
enum class Shape {
  both,       ///< rounds of either kind
  arrays,     ///< every actor sweeps an array of states at its own pace: many trials a second
  rendezvous  ///< the actors meet before each state: fewer trials, closer together
};

/// Called by a sweep before each state, where the actors are to meet; null in a free sweep.
using Meet = void (*)(void* context);

/// The state's type, erased. The `…_all` and `sweep` functions work on arrays of states, of which
/// they take every `step`th, so that the actors' bodies are inlined into the loops; the others on
/// one state.
struct Body {
  std::size_t size = 0;
  std::size_t alignment = 0;
  void (*construct)(void* state) = nullptr;
  void (*destroy)(void* state) = nullptr;
  std::vector<void (*)(void* state)> actors;
  void (*arbiter)(void* state) = nullptr;  ///< null if there is none
  Seen (*outcome)(const void* state) = nullptr;

  void (*construct_all)(void* first, std::size_t count, std::size_t step) = nullptr;
  std::vector<void (*)(void* first, std::size_t count, std::size_t step, Meet, void* context)>
      sweeps;
  /// Arbiter, outcome and destructor of each.
  void (*finish_all)(void* first, std::size_t count, std::size_t step, Counts&) = nullptr;
};

/// One experiment: the code, and what is known about it.
struct Experiment {
  std::string name;   ///< a path: subject/variant
  std::string title;  ///< a few words
  std::string file;   ///< where it is written
  int line = 0;
  bool is_broken = false;
  Shape shape = Shape::both;
  std::vector<Expectation> expectations;
  std::vector<View> views;     ///< only where a lens differs from what one would expect
  std::int64_t counts_to = 0;  ///< what a counter must reach; 0: not a counter
  std::size_t most_states = 1u << 20;
  Body body;

  /// Grades an outcome; what nobody listed is unknown, and fails a correct experiment.
  Experiment& expect(std::string seen, Grade grade, std::string why) {
    expectations.push_back({std::move(seen), grade, std::move(why)});
    return *this;
  }
  /// States what `lens` sees, where it is not what the experiment would suggest.
  Experiment& view(std::string lens, Sight sight, std::string why) {
    views.push_back({std::move(lens), sight, std::move(why)});
    return *this;
  }
  /// The outcome is a counter that must reach `total`: lost updates are then counted too.
  Experiment& counter(std::int64_t total) {
    counts_to = total;
    return *this;
  }
  Experiment& shaped(Shape wanted) {
    shape = wanted;
    return *this;
  }
  /// At most this many states in an array: for states that hold much or hang together.
  Experiment& at_most(std::size_t states) {
    most_states = states;
    return *this;
  }
};

namespace detail {

template <class State>
State& at(void* state) {
  return *std::launder(static_cast<State*>(state));
}

inline Seen seen_of(std::int64_t value) {
  return {{value}, 1};
}

template <class... Values>
Seen seen_of(const std::tuple<Values...>& values) {
  static_assert(sizeof...(Values) <= 4, "an outcome holds up to four integers");
  return std::apply(
      [](auto... value) {
        return Seen{{static_cast<std::int64_t>(value)...}, sizeof...(Values)};
      },
      values);
}

template <class Value, std::size_t size>
Seen seen_of(const std::array<Value, size>& values) {
  static_assert(size <= 4, "an outcome holds up to four integers");
  Seen seen;
  seen.size = size;
  for (std::size_t i = 0; i < size; ++i) seen.values[i] = static_cast<std::int64_t>(values[i]);
  return seen;
}

/// One trial ends before the next begins: the compiler may not fold the work of several into one.
inline void keep_apart() {
  asm volatile("" ::: "memory");
}

template <class State, auto actor>
void act(void* state) {
  (at<State>(state).*actor)();
}

template <class State, auto actor>
void sweep(void* first, std::size_t count, std::size_t step, Meet meet, void* context) {
  State* states = static_cast<State*>(first);
  if (meet == nullptr) {
    for (std::size_t i = 0; i < count; ++i) {
      (states[i * step].*actor)();
      keep_apart();
    }
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    meet(context);
    (states[i * step].*actor)();
    keep_apart();
  }
}

template <class State>
void construct_all(void* first, std::size_t count, std::size_t step) {
  State* states = static_cast<State*>(first);
  for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(states + i * step)) State();
}

template <class State>
void finish_all(void* first, std::size_t count, std::size_t step, Counts& counts) {
  State* states = static_cast<State*>(first);
  using Value = std::decay_t<decltype(states->outcome())>;
  Value last{};
  std::uint64_t times = 0;
  for (std::size_t i = 0; i < count; ++i) {
    State& state = states[i * step];
    if constexpr (requires { state.arbiter(); }) state.arbiter();
    const Value value = state.outcome();
    if (times > 0 && value != last) {
      counts.add(seen_of(last), times);
      times = 0;
    }
    last = value;
    ++times;
    state.~State();
  }
  if (times > 0) counts.add(seen_of(last), times);
}

template <class State, auto actor>
void add_actor(Body& body) {
  body.actors.push_back(&act<State, actor>);
  body.sweeps.push_back(&sweep<State, actor>);
}

template <class State>
Body body_of() {
  static_assert(
      requires(State s) {
        s.actor1();
        s.actor2();
      },
      "a state has at least the actors actor1() and actor2()");
  static_assert(
      requires(const State s) { s.outcome(); }, "a state has outcome() const");
  Body body;
  body.size = sizeof(State);
  body.alignment = alignof(State);
  body.construct = [](void* state) { ::new (state) State(); };
  body.destroy = [](void* state) { at<State>(state).~State(); };
  add_actor<State, &State::actor1>(body);
  add_actor<State, &State::actor2>(body);
  if constexpr (requires(State s) { s.actor3(); }) add_actor<State, &State::actor3>(body);
  if constexpr (requires(State s) { s.actor4(); }) add_actor<State, &State::actor4>(body);
  if constexpr (requires(State s) { s.arbiter(); }) {
    body.arbiter = [](void* state) { at<State>(state).arbiter(); };
  }
  body.outcome = [](const void* state) {
    return seen_of(std::launder(static_cast<const State*>(state))->outcome());
  };
  body.construct_all = &construct_all<State>;
  body.finish_all = &finish_all<State>;
  return body;
}

template <class State>
Experiment make(bool is_broken, std::string name, std::string title, const char* file, int line) {
  Experiment experiment;
  experiment.name = std::move(name);
  experiment.title = std::move(title);
  experiment.file = file;
  experiment.line = line;
  experiment.is_broken = is_broken;
  experiment.body = body_of<State>();
  return experiment;
}

}  // namespace detail

/// An experiment with a defect, which every lens should see unless view() says otherwise.
///
/// State needs: a default constructor; void actor1() and actor2(), which run at the same time on
/// one object, and at will actor3() and actor4(); `outcome() const`, an integer, a tuple or an
/// array of up to four; at will void arbiter(). The arbiter and then the outcome are taken when all
/// actors are done, and see all they wrote. Actors may block on each other, and may not throw.
template <class State>
Experiment broken(std::string name, std::string title, const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) {
  return detail::make<State>(true, std::move(name), std::move(title), file, line);
}

/// A correct experiment: every lens must stay silent. Otherwise as broken().
template <class State>
Experiment fixed(std::string name, std::string title, const char* file = __builtin_FILE(),
                 int line = __builtin_LINE()) {
  return detail::make<State>(false, std::move(name), std::move(title), file, line);
}

/// Written by you: every experiment of a program, in the order in which they are listed.
std::vector<Experiment> catalogue();

}  // namespace contend::races
