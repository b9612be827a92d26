// Seqlock: a writer makes the counter odd, writes, makes it even; a reader copies and looks whether
// the counter moved. A reader that does not look takes half of an update.
//
//   actor1 (writes)          actor2 (reads)
//   sequence = 1
//   a = 1
//                            reads a: 1, b: 0
//   b = 1
//   sequence = 2             must look again, and does not
//
//   races run seqlock
//
// On two busy CPUs:
//   variant        outcome       count    share  grade       tsan
//   no_retry       0, 0     27,955,415   98.1 %  acceptable  blind
//                  1, 1        520,143    1.8 %  acceptable
//                  1, 0         11,718  0.041 %  forbidden
//                  0, 1             20  7e-05 %  forbidden
//   plain_payload  0, 0     47,402,224   96.7 %  acceptable  sees it
//                  1, 1      1,619,920    3.3 %  acceptable
//   retry          0, 0     26,008,154   97.2 %  acceptable  silent
//                  1, 1        747,366    2.8 %  acceptable
//
// The payload is atomic: with plain data the reader's copy is a data race, even when it is
// thrown away afterwards (seqlock/plain_payload).
#include <atomic>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct NoRetry {
  std::atomic<unsigned> sequence = 0;  // odd while a and b are being written
  std::atomic<int> a = 0;
  std::atomic<int> b = 0;
  int seen_a = 0;
  int seen_b = 0;
  void actor1() {
    sequence.store(1);
    a.store(1);
    b.store(1);
    sequence.store(2);
  }
  void actor2() {
    sequence.load();  // and never again: a and b may be of two updates
    seen_a = a.load();
    seen_b = b.load();
  }
  std::tuple<int, int> outcome() const { return {seen_a, seen_b}; }
};

struct Retry {
  std::atomic<unsigned> sequence = 0;  // odd while a and b are being written
  std::atomic<int> a = 0;
  std::atomic<int> b = 0;
  int seen_a = 0;
  int seen_b = 0;
  void actor1() {
    sequence.store(1);
    a.store(1);
    b.store(1);
    sequence.store(2);
  }
  void actor2() {
    unsigned before = 0;
    do {
      before = sequence.load();
      seen_a = a.load();
      seen_b = b.load();
    } while (before % 2 == 1 || sequence.load() != before);
  }
  std::tuple<int, int> outcome() const { return {seen_a, seen_b}; }
};

struct PlainPayload {
  std::atomic<unsigned> sequence = 0;
  int a = 0;
  int b = 0;
  int seen_a = 0;
  int seen_b = 0;
  void actor1() {
    sequence.store(1);
    a = 1;
    b = 1;
    sequence.store(2);
  }
  void actor2() {
    unsigned before = 0;
    do {
      before = sequence.load();
      seen_a = a;
      seen_b = b;
    } while (before % 2 == 1 || sequence.load() != before);
  }
  std::tuple<int, int> outcome() const { return {seen_a, seen_b}; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("0, 0", acceptable, "read before the update")
      .expect("1, 1", acceptable, "read after the update")
      .expect("*", forbidden, "half an update");
  return experiment;
}

}  // namespace

std::vector<Experiment> seqlock() {
  return {graded(broken<NoRetry>("seqlock/no_retry", "the reader does not look again"))
              .view("tsan", Sight::blind, "everything is atomic, so there is no data race"),
          graded(broken<PlainPayload>("seqlock/plain_payload", "the payload is not atomic"))
              .view("native", Sight::blind, "the retry throws torn copies away"),
          graded(fixed<Retry>("seqlock/retry", "the reader looks again"))};
}

}  // namespace contend::races
