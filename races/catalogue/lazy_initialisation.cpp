// Lazy initialisation: whoever comes first makes the object. Without care two come first.
//
//   actor1                actor2
//   sees no object
//                         sees no object
//   makes one
//                         makes another     two objects, and somebody holds the wrong one
//
//   races run lazy_initialisation
//
// On two busy CPUs:
//   variant          outcome        count    share  grade       tsan
//   unchecked        1, 1, 1   23,277,205   91.9 %  acceptable  sees it
//                    2, 2, 1    1,033,851    4.1 %  forbidden
//                    2, 1, 2    1,013,232      4 %  forbidden
//   call_once        1, 1, 1    1,358,208  100.0 %  acceptable  silent
//   mutex            1, 1, 1   18,394,560  100.0 %  acceptable  silent
//   function_static  1, 1, 1  156,638,528  100.0 %  acceptable  silent
#include <atomic>
#include <mutex>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

/// Counts how often the object was made, and which one each actor got.
struct Shared {
  std::atomic<int> made = 0;
  int got1 = 0;
  int got2 = 0;
  int make() { return made.fetch_add(1, std::memory_order_relaxed) + 1; }
  std::tuple<int, int, int> outcome() const { return {made.load(), got1, got2}; }
};

struct Unchecked : Shared {
  int object = 0;  // 0: not made yet
  int get() {
    if (object == 0) object = make();
    return object;
  }
  void actor1() { got1 = get(); }
  void actor2() { got2 = get(); }
};

struct CallOnce : Shared {
  std::once_flag once;
  int object = 0;
  int get() {
    std::call_once(once, [this] { object = make(); });
    return object;
  }
  void actor1() { got1 = get(); }
  void actor2() { got2 = get(); }
};

struct Locked : Shared {
  std::mutex lock;  // protects object
  int object = 0;
  int get() {
    const std::lock_guard guard(lock);
    if (object == 0) object = make();
    return object;
  }
  void actor1() { got1 = get(); }
  void actor2() { got2 = get(); }
};

/// A function's static lives as long as the program: only the very first trial makes it.
struct FunctionStatic {
  int got1 = 0;
  int got2 = 0;
  static int& object() {
    static int made = 1;
    return made;
  }
  void actor1() { got1 = object(); }
  void actor2() { got2 = object(); }
  std::tuple<int, int, int> outcome() const { return {1, got1, got2}; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("1, 1, 1", acceptable, "made once, and both got it")
      .expect("*", forbidden, "made twice, or somebody got another one");
  return experiment;
}

}  // namespace

std::vector<Experiment> lazy_initialisation() {
  return {graded(broken<Unchecked>("lazy_initialisation/unchecked", "if (!object) make it")),
          graded(fixed<CallOnce>("lazy_initialisation/call_once", "std::call_once")),
          graded(fixed<Locked>("lazy_initialisation/mutex", "make it under a lock")),
          graded(fixed<FunctionStatic>("lazy_initialisation/function_static",
                                       "a static inside a function, which C++ guards"))};
}

}  // namespace contend::races
