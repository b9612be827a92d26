// Unsafe publication: an object is handed over through a pointer that nothing orders.
//
//   actor1                      actor2
//   object.width = 3 (on its way)
//   pointer = &object
//                               sees pointer, reads width: 0
//
//   races run publication
//
// On two busy CPUs:
//   variant          outcome       count   share  grade       tsan
//   plain            -1, -1   80,400,642  54.9 %  acceptable  sees it
//                    3, 4     66,063,998  45.1 %  acceptable
//   release_acquire  -1, -1   83,658,768  53.7 %  acceptable  silent
//                    3, 4     72,201,968  46.3 %  acceptable
//
// x86 keeps the stores in order, so natively the unfinished object never shows; what the compiler
// may do with a plain pointer is another matter, and ThreadSanitizer sees the race.
#include <atomic>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct Box {
  int width = 0;
  int height = 0;
};

struct Plain {
  Box object;
  Box* pointer = nullptr;
  int seen_width = -1;
  int seen_height = -1;
  void actor1() {
    object = {3, 4};
    pointer = &object;
  }
  void actor2() {
    if (const Box* seen = pointer) {
      seen_width = seen->width;
      seen_height = seen->height;
    }
  }
  std::tuple<int, int> outcome() const { return {seen_width, seen_height}; }
};

struct Released {
  Box object;
  std::atomic<Box*> pointer = nullptr;  // stored with release, loaded with acquire
  int seen_width = -1;
  int seen_height = -1;
  void actor1() {
    object = {3, 4};
    pointer.store(&object, std::memory_order_release);
  }
  void actor2() {
    if (const Box* seen = pointer.load(std::memory_order_acquire)) {
      seen_width = seen->width;
      seen_height = seen->height;
    }
  }
  std::tuple<int, int> outcome() const { return {seen_width, seen_height}; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("-1, -1", acceptable, "looked before it was published")
      .expect("3, 4", acceptable, "got the finished object")
      .expect("*", forbidden, "got an unfinished object");
  return experiment;
}

}  // namespace

std::vector<Experiment> publication() {
  return {graded(broken<Plain>("publication/plain", "hand over through a plain pointer"))
              .view("native", Sight::blind, "x86 keeps the object's stores before the pointer's"),
          graded(fixed<Released>("publication/release_acquire",
                                 "hand over through a released atomic pointer"))};
}

}  // namespace contend::races
