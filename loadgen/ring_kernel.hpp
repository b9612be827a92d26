// Of Ring: what the kernel and it share.
#pragma once

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <liburing.h>

#include "core/check.hpp"

#include "loadgen/ring.hpp"
#include "loadgen/rooms.hpp"

namespace contend::loadgen {

/// The ring, and the buffers that the kernel chooses from for what comes.
class Ring::Kernel {
 public:
  static constexpr int buffer_group = 0;

  /// Throws std::system_error where this is minus an errno.
  static void check(int result, const char* what) {
    if (result < 0) throw std::system_error(-result, std::system_category(), what);
  }

  explicit Kernel(const RingLoad& load)
      : buffer_size_(std::bit_ceil(std::clamp(load.most_at_a_time, least_buffer, largest_write))),
        buffer_count_(std::clamp(std::bit_ceil(load.sockets), least_buffers / buffer_size_,
                                 most_buffers / buffer_size_)),
        bytes_(new char[buffer_size_ * buffer_count_]),
        buffers_(static_cast<io_uring_buf_ring*>(
            ::operator new(buffer_count_ * sizeof(io_uring_buf), page))) {
    // What is done waits for our next call, so that it need not interrupt us; whose calls those are
    // is open until begin().
    io_uring_params asked{};
    asked.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                  IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE |
                  IORING_SETUP_R_DISABLED;
    asked.cq_entries = completions;
    check(::io_uring_queue_init_params(submissions, &ring_, &asked), "io_uring");
    try {
      register_buffers();
      event_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
      check(event_ < 0 ? -errno : ::io_uring_register_eventfd(&ring_, event_), "eventfd");
    } catch (...) {
      close();
      throw;
    }
  }
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  ~Kernel() { close(); }

  io_uring& ring() { return ring_; }
  /// What waits to be told of does not make the ring itself readable.
  int event() const { return event_; }
  std::size_t buffers() const { return buffer_count_; }

  /// Would have more to tell if it was asked.
  bool has_work() const {
    constexpr unsigned work = IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW;
    return (io_uring_smp_load_acquire(ring_.sq.kflags) & work) != 0;
  }

  /// For one more operation.
  io_uring_sqe& entry() {
    io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
    if (entry == nullptr) {
      ::io_uring_submit(&ring_);
      entry = ::io_uring_get_sqe(&ring_);
    }
    CONTEND_CHECK(entry != nullptr);
    return *entry;
  }

  std::span<const char> buffer(std::uint32_t flags, int result) const {
    if ((flags & IORING_CQE_F_BUFFER) == 0 || result <= 0) return {};
    return {&bytes_[(flags >> IORING_CQE_BUFFER_SHIFT) * buffer_size_],
            static_cast<std::size_t>(result)};
  }
  void give_back(std::uint32_t flags) {
    if ((flags & IORING_CQE_F_BUFFER) != 0) offer(flags >> IORING_CQE_BUFFER_SHIFT);
  }

 private:
  static constexpr unsigned submissions = 256;
  static constexpr unsigned completions = 4096;
  // One for each socket as far as that goes: the fewer there are, the likelier they are in the
  // cache.
  static constexpr std::size_t least_buffers = 65536;  // bytes in all
  static constexpr std::size_t most_buffers = std::size_t{1} << 20;
  static constexpr std::size_t least_buffer = 512;
  static constexpr std::align_val_t page{65536};  // or less
  struct Free {
    void operator()(io_uring_buf_ring* buffers) const {
      ::operator delete(static_cast<void*>(buffers), page);
    }
  };

  void close() {
    ::io_uring_queue_exit(&ring_);
    if (event_ >= 0) ::close(event_);
  }

  void register_buffers() {
    io_uring_buf_reg place{};
    place.ring_addr = reinterpret_cast<std::uint64_t>(buffers_.get());
    place.ring_entries = static_cast<std::uint32_t>(buffer_count_);
    place.bgid = buffer_group;
    check(::io_uring_register_buf_ring(&ring_, &place, 0), "io_uring: buffers");
    ::io_uring_buf_ring_init(buffers_.get());
    for (std::size_t i = 0; i < buffer_count_; ++i) offer(i);
  }

  void offer(std::size_t i) {
    ::io_uring_buf_ring_add(buffers_.get(), &bytes_[i * buffer_size_],
                            static_cast<unsigned>(buffer_size_), static_cast<unsigned short>(i),
                            ::io_uring_buf_ring_mask(static_cast<unsigned>(buffer_count_)), 0);
    ::io_uring_buf_ring_advance(buffers_.get(), 1);
  }

  std::size_t buffer_size_;
  std::size_t buffer_count_;  // a power of two
  std::unique_ptr<char[]> bytes_;
  std::unique_ptr<io_uring_buf_ring, Free> buffers_;
  io_uring ring_{};
  int event_ = -1;
};

}  // namespace contend::loadgen
