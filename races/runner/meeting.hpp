// Where the actors wait for each other: between the steps of a batch, and in a rendezvous before
// each state. Spins, since the price of a trial is the price of this.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace contend::races {

inline constexpr std::size_t most_actors = 4;

/// A barrier for 2 to 4 threads. What a thread wrote before arrive_and_wait() is seen by all after
/// it. Cost: about one cache line's way to and fro while each actor has a CPU of its own; beyond
/// that it yields.
class Meeting {
 public:
  Meeting(std::size_t actors, bool has_cpu_each);

  void arrive_and_wait(std::size_t actor);

  /// Whether this actor stands here and waits: it then is not what holds up the others.
  bool is_waiting(std::size_t actor) const;

 private:
  struct alignas(64) Place {
    // Stored with release by its actor when it arrives, loaded with acquire by the others.
    std::atomic<std::uint64_t> arrivals = 0;
    std::atomic<bool> waits = false;
    // Its actor's alone, away from the line that the others look at.
    alignas(64) std::uint64_t met = 0;
  };

  std::size_t actors_;
  int spins_before_yield_;
  std::array<Place, most_actors> places_;
};

}  // namespace contend::races
