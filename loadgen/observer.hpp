// What may be seen of a run while it goes on: each worker hands over its counts now and then, and
// whoever watches takes the difference.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "loadgen/tally.hpp"

namespace contend::loadgen {

/// Counts so far, of all workers.
struct Snapshot {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t errors = 0;
  Histogram latency;

  void add(const Snapshot& other);
};

/// Threads: each worker writes its own place, the watcher reads all of them.
class Observer {
 public:
  explicit Observer(std::size_t workers) : places_(workers) {}

  /// Called by worker `index`, a few times a second at most: it copies a histogram.
  void publish(std::size_t index, const Tally& tally, bool open_loop);
  Snapshot total() const;

 private:
  mutable std::mutex mutex_;  // protects places_
  std::vector<Snapshot> places_;
};

/// Latencies recorded after `before` was taken.
Histogram difference(const Histogram& now, const Histogram& before);

}  // namespace contend::loadgen
