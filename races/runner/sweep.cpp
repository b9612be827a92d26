#include "races/runner/sweep.hpp"

#include <algorithm>
#include <utility>

namespace contend::races {
namespace {

constexpr std::size_t shortest_array = 64;
constexpr std::size_t longest_array = 1u << 20;
constexpr std::size_t rendezvous_states = 512;
constexpr std::size_t cache_line = 64;

}  // namespace

std::vector<Arrangement> arrangements_of(const Experiment& experiment, std::size_t most_bytes,
                                         bool apart) {
  const std::size_t size = experiment.body.size;
  const std::size_t fit =
      std::max<std::size_t>(1, std::min(most_bytes / size, experiment.most_states));
  std::vector<Arrangement> all;
  if (experiment.shape != Shape::rendezvous) {
    for (std::size_t states = shortest_array; states <= longest_array; states *= 8) {
      const std::size_t fitting = std::min(states, fit);
      if (!all.empty() && all.back().states == fitting) break;
      all.push_back({.states = fitting});
    }
  }
  if (experiment.shape != Shape::arrays) {
    all.push_back({.is_rendezvous = true,
                   .states = std::min(rendezvous_states, fit),
                   .step = apart ? (cache_line + size - 1) / size : 1});
  }
  return all;
}

Sweep::Sweep(std::uint64_t seed, std::size_t arrangements, std::size_t actors,
             std::vector<int> cpus)
    : seed_(seed),
      arrangements_(arrangements),
      actors_(actors),
      cpus_(std::move(cpus)),
      random_(seed) {}

std::vector<int> Sweep::places() {
  for (std::size_t i = 0; i + 1 < cpus_.size(); ++i) {
    std::swap(cpus_[i], cpus_[i + random_.next() % (cpus_.size() - i)]);
  }
  std::vector<int> chosen;
  for (std::size_t i = 0; i < actors_; ++i) chosen.push_back(cpus_[i % cpus_.size()]);
  return chosen;
}

Round Sweep::next() {
  Round round;
  round.arrangement = (rounds_ + seed_) % arrangements_;
  round.number = ++rounds_;
  round.delay_mask = (std::uint64_t{1} << (random_.next() % 9)) - 1;
  // Drawn, not every other: that would be every other arrangement, always the same.
  round.has_head_start = random_.next() % 2 == 0;
  round.leader = random_.next() % actors_;
  round.cpus = places();
  round.is_pinned = random_.next() % 8 != 0;
  round.is_by_clock = random_.next() % 16 != 0;
  return round;
}

}  // namespace contend::races
