// Torn values: what is one value to the program is several accesses to the machine.
//
//   actor1 (writes 1 1)    actor2 (reads)
//   low = 1
//                          low: 1, high: 0     never written by anybody
//   high = 1
//
//   races run torn_value neighbours
//
// On two busy CPUs:
//   variant                 outcome        count      share  grade       tsan
//   torn_value/plain        1, 1      63,086,565     68.6 %  acceptable  sees it
//                           0, 0      28,925,845     31.4 %  acceptable
//                           0, 1           1,088   0.0012 %  forbidden
//                           1, 0              70  7.6e-05 %  forbidden
//   torn_value/mutex        1, 1      15,453,736     55.9 %  acceptable  silent
//                           0, 0      12,192,084     44.1 %  acceptable
//   torn_value/atomic       0, 0      77,503,816     96.1 %  acceptable  silent
//                           1, 1       3,106,872      3.9 %  acceptable
//   neighbours/bit_fields   1, 1     205,929,866     99.4 %  acceptable  sees it
//                           0, 1         674,394     0.33 %  forbidden
//                           1, 0         657,372     0.32 %  forbidden
//   neighbours/bytes        1, 1     306,260,480    100.0 %  acceptable  silent
//   neighbours/vector_bool  1, 1      13,589,944     89.2 %  acceptable  sees it
//                           0, 1         895,902      5.9 %  forbidden
//                           1, 0         753,457      4.9 %  forbidden
//   neighbours/vector_char  1, 1      16,989,120    100.0 %  acceptable  silent
#include <atomic>
#include <cstdint>
#include <mutex>
#include <tuple>
#include <vector>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct Pair {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// Stands between two halves, so that the compiler does not merge them into one access.
void between_halves() {
  asm volatile("" ::: "memory");
}

struct PlainPair {
  Pair value;
  Pair seen;
  void actor1() {
    value.low = 1;
    between_halves();
    value.high = 1;
  }
  void actor2() {
    seen.low = value.low;
    between_halves();
    seen.high = value.high;
  }
  std::tuple<std::int64_t, std::int64_t> outcome() const { return {seen.low, seen.high}; }
};

struct LockedPair {
  std::mutex lock;  // protects value
  Pair value;
  Pair seen;
  void actor1() {
    const std::lock_guard guard(lock);
    value = {1, 1};
  }
  void actor2() {
    const std::lock_guard guard(lock);
    seen = value;
  }
  std::tuple<std::int64_t, std::int64_t> outcome() const { return {seen.low, seen.high}; }
};

struct AtomicPair {
  struct alignas(8) Halves {  // else clang leaves it to a library, where no lens sees it
    std::int32_t low = 0;
    std::int32_t high = 0;
  };
  std::atomic<Halves> value{};
  Halves seen;
  void actor1() { value.store({1, 1}); }
  void actor2() { seen = value.load(); }
  std::tuple<int, int> outcome() const { return {seen.low, seen.high}; }
};

/// Bit-fields beside each other share a byte: writing one rewrites the other.
struct BitFields {
  unsigned left : 4 = 0;
  unsigned right : 4 = 0;
  void actor1() { left = 1; }
  void actor2() { right = 1; }
  std::tuple<int, int> outcome() const { return {static_cast<int>(left), static_cast<int>(right)}; }
};

struct SeparateBytes {
  std::uint8_t left = 0;
  std::uint8_t right = 0;
  void actor1() { left = 1; }
  void actor2() { right = 1; }
  std::tuple<int, int> outcome() const { return {left, right}; }
};

struct BitVector {
  std::vector<bool> flags = std::vector<bool>(2);
  void actor1() { flags[0] = true; }
  void actor2() { flags[1] = true; }
  std::tuple<bool, bool> outcome() const { return {flags[0], flags[1]}; }
};

struct CharVector {
  std::vector<char> flags = std::vector<char>(2);
  void actor1() { flags[0] = 1; }
  void actor2() { flags[1] = 1; }
  std::tuple<int, int> outcome() const { return {flags[0], flags[1]}; }
};

Experiment whole(Experiment experiment) {
  experiment.expect("0, 0", acceptable, "read before the write")
      .expect("1, 1", acceptable, "read after the write")
      .expect("*", forbidden, "half old, half new");
  return experiment;
}

Experiment neighbours_kept(Experiment experiment) {
  experiment.expect("1, 1", acceptable, "both were set")
      .expect("*", forbidden, "setting one put the other back");
  return experiment;
}

}  // namespace

std::vector<Experiment> torn_value() {
  return {whole(broken<PlainPair>("torn_value/plain", "128 bits in two halves")),
          whole(fixed<LockedPair>("torn_value/mutex", "128 bits under a lock")),
          whole(fixed<AtomicPair>("torn_value/atomic", "64 bits in one std::atomic"))};
}

std::vector<Experiment> neighbours() {
  return {neighbours_kept(broken<BitFields>("neighbours/bit_fields", "two bit-fields of one byte")),
          neighbours_kept(fixed<SeparateBytes>("neighbours/bytes", "two bytes")),
          neighbours_kept(broken<BitVector>("neighbours/vector_bool", "two of a vector<bool>")),
          neighbours_kept(fixed<CharVector>("neighbours/vector_char", "two of a vector<char>"))};
}

}  // namespace contend::races
