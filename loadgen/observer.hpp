// What may be seen of a run while it goes on: each worker hands over its counts now and then, and
// whoever watches takes the difference.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "loadgen/snapshot.hpp"
#include "loadgen/tally.hpp"

namespace contend::loadgen {

/// Threads: each worker writes its own place, the watcher reads all of them.
class Observer {
 public:
  explicit Observer(std::size_t workers) : places_(workers), unsettled_(workers) {}

  /// Called once by each worker, when its clients have tried to connect, or it has nothing to do.
  void settled();
  /// Waits for all of them; false if we are interrupted first.
  bool wait_until_settled() const;

  /// Called by worker `index`, a few times a second at most: it copies a histogram.
  void publish(std::size_t index, const Tally& tally, bool open_loop);
  Snapshot total() const;

 private:
  mutable std::mutex mutex_;  // protects places_
  std::vector<Snapshot> places_;
  std::atomic<std::size_t> unsettled_;  // released in settled(), acquired in wait_until_settled()
};

}  // namespace contend::loadgen
