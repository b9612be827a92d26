// What connections read into. A buffer that is given back goes back to the machine, so that a storm
// of clients leaves nothing behind; but a few wait for the next connections, since a fresh one
// costs a page fault for each page that is written to.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

namespace contend::server {

/// Outlives what it hands out. Threads: any.
class Buffers {
  struct GiveBack {
    void operator()(char* bytes) const { owner->give_back(std::unique_ptr<char[]>(bytes)); }
    Buffers* owner = nullptr;
  };

 public:
  using Buffer = std::unique_ptr<char[], GiveBack>;
  static constexpr std::size_t most_waiting = 16;
  static constexpr std::size_t most_bytes_waiting = std::size_t{1} << 20;

  /// Each is of `size` bytes, at least one.
  explicit Buffers(std::size_t size)
      : size_(size), may_wait_(std::min(most_waiting, most_bytes_waiting / size)) {}

  /// Its bytes are what they are. Throws std::bad_alloc.
  Buffer take() {
    if (std::unique_ptr<char[]> waiting = take_waiting()) {
      return Buffer(waiting.release(), GiveBack{this});
    }
    return Buffer(std::make_unique_for_overwrite<char[]>(size_).release(), GiveBack{this});
  }

  /// How many are free and were kept.
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::unique_ptr<char[]> take_waiting() {
    const std::lock_guard lock(mutex_);
    return count_ == 0 ? nullptr : std::move(waiting_[--count_]);
  }
  void give_back(std::unique_ptr<char[]> bytes) {
    const std::lock_guard lock(mutex_);
    if (count_ < may_wait_) waiting_[count_++] = std::move(bytes);
  }

  std::size_t size_;
  std::size_t may_wait_;      // how many
  mutable std::mutex mutex_;  // protects all below
  std::size_t count_ = 0;
  std::array<std::unique_ptr<char[]>, most_waiting> waiting_;
};

}  // namespace contend::server
