// What a run goes through: every arrangement in turn, and in each round delays, a leader and places
// for the actors, drawn from the seed. Only plans, so that a test can say what a run covers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "races/runner/meeting.hpp"
#include "races/runner/stress.hpp"

namespace contend::races {

/// Small, fast and seeded; the quality of a delay does not matter.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  std::uint64_t state_;
};

/// The ways to arrange trials of this experiment: arrays that grow by eights up to `most_bytes`,
/// and a rendezvous; by its shape, only one of the two. `apart`: no two states of the rendezvous
/// share a cache line.
std::vector<Arrangement> arrangements_of(const Experiment& experiment, std::size_t most_bytes,
                                         bool apart);

/// How the batches of the next few milliseconds go.
struct Round {
  std::uint64_t number = 0;  ///< from 1
  std::size_t arrangement = 0;
  std::uint64_t delay_mask = 0;  ///< 2^n − 1: no delay is longer, in steps
  bool has_head_start = false;   ///< of the leader, if the runner gives any
  std::size_t leader = 0;        ///< an actor
  bool is_pinned = true;         ///< else the system chooses, and may change its mind
  std::vector<int> cpus;         ///< of each actor, where pinned
  bool is_by_clock = true;       ///< a rendezvous where it can, else by a meeting
};

class Sweep {
 public:
  /// Every count is 1 or more.
  Sweep(std::uint64_t seed, std::size_t arrangements, std::size_t actors, std::vector<int> cpus);

  Round next();

 private:
  /// A CPU of its own for each actor, in any order, while there are enough.
  std::vector<int> places();

  std::uint64_t seed_;
  std::uint64_t rounds_ = 0;
  std::size_t arrangements_;
  std::size_t actors_;
  std::vector<int> cpus_;
  Random random_;
};

}  // namespace contend::races
