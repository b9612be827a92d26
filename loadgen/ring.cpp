#include "loadgen/ring.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <liburing.h>

#include "core/check.hpp"
#include "core/fetch.hpp"

#include "loadgen/ring_kernel.hpp"
#include "loadgen/ring_timer.hpp"
#include "loadgen/rooms.hpp"

namespace contend::loadgen {
namespace {

// A few of the largest write, before they must be handed over.
constexpr std::size_t all_room = 4 * largest_write;

// Waited for awake, where most moments are not in vain.
constexpr auto moment = std::chrono::microseconds(5);
constexpr int most_patience = 16;
constexpr unsigned naps_between_tries = 64;
// In a turn; more may come while they are.
constexpr unsigned most_told = 256;
// More of what is to be sent does not wait for the rest of a turn.
constexpr unsigned most_queued = 32;
using Operation = Ring::Operation;

// Of nobody.
constexpr std::uint64_t cancelling = ~std::uint64_t{0};

/// What an operation is told of by. Of its owner there is a number only, who may be gone by then.
struct Tag {
  static constexpr int operation_bits = 3;
  static constexpr int place_bits = 32;
  static constexpr std::uint32_t generations = (1U << (64 - operation_bits - place_bits)) - 1;

  std::uint64_t packed() const {
    return (std::uint64_t{generation & generations} << (operation_bits + place_bits)) |
           (std::uint64_t{place} << operation_bits) | static_cast<std::uint64_t>(operation);
  }
  static Tag of(std::uint64_t packed) {
    return {.operation = static_cast<Operation>(packed & ((1U << operation_bits) - 1)),
            .place = static_cast<std::uint32_t>(packed >> operation_bits),
            .generation = static_cast<std::uint32_t>(packed >> (operation_bits + place_bits))};
  }

  Operation operation{};
  std::uint32_t place = 0;
  std::uint32_t generation = 0;
};

}  // namespace

Ring::Ring(const RingLoad& load)
    : kernel_(std::make_unique<Kernel>(load)), sends_fit_(load.sends_fit), room_(all_room) {}

Ring::~Ring() = default;

void Ring::begin() {
  // io_uring_enable_rings() is not in every liburing.so.
  const long begun = ::syscall(SYS_io_uring_register, kernel_->ring().ring_fd,
                               IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  Kernel::check(begun < 0 ? -errno : 0, "io_uring");
  // Spares each call to look the descriptor up; where the kernel cannot do that, it is looked up.
  ::io_uring_register_ring_fd(&kernel_->ring());
}

std::unique_ptr<TurnTimer> Ring::timer(std::function<void()> handler) {
  return std::make_unique<RingTimer>(*this, std::move(handler));
}

int Ring::descriptor() const {
  return kernel_->event();
}

std::uint32_t Ring::enter(Owner& owner, int socket) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  places_[place].owner = &owner;
  places_[place].socket = socket;
  return place;
}

void Ring::leave(std::uint32_t place) {
  Place& left = places_[place];
  // What waits to be handed over knows the socket by its number, which is free for others soon.
  if (left.under_way > 0 && left.socket != no_socket) {
    io_uring_sqe& entry = kernel_->entry();
    ::io_uring_prep_cancel_fd(&entry, left.socket, IORING_ASYNC_CANCEL_ALL);
    entry.flags |= IOSQE_CQE_SKIP_SUCCESS;
    entry.user_data = cancelling;
    ::io_uring_submit_and_get_events(&kernel_->ring());
  }
  submit();
  left = {.generation = left.generation + 1};
  free_.push_back(place);
}

void Ring::receive(std::uint32_t place) {
  io_uring_sqe& entry = kernel_->entry();
  ::io_uring_prep_recv_multishot(&entry, places_[place].socket, nullptr, 0, 0);
  entry.flags |= IOSQE_BUFFER_SELECT;
  entry.buf_group = Kernel::buffer_group;
  entry.user_data = Tag{Operation::receive, place, places_[place].generation}.packed();
  ++places_[place].under_way;
  asked();
}

void Ring::send(std::uint32_t place, std::span<const char> bytes) {
  io_uring_sqe& entry = kernel_->entry();
  // To have sent less than all is a failure where all of it must go.
  const int all = sends_fit_ ? MSG_WAITALL : 0;
  ::io_uring_prep_send(&entry, places_[place].socket, bytes.data(), bytes.size(),
                       MSG_DONTWAIT | MSG_NOSIGNAL | all);
  if (sends_fit_) entry.flags |= IOSQE_CQE_SKIP_SUCCESS;
  entry.user_data = Tag{Operation::send, place, places_[place].generation}.packed();
  used_ = static_cast<std::size_t>(bytes.data() + bytes.size() - room_.data());
  if (++queued_ == most_queued) return submit();
  asked();
}

void Ring::wait_writable(std::uint32_t place) {
  io_uring_sqe& entry = kernel_->entry();
  ::io_uring_prep_poll_add(&entry, places_[place].socket, POLLOUT);
  entry.user_data = Tag{Operation::wait_writable, place, places_[place].generation}.packed();
  ++places_[place].under_way;
  asked();
}

void Ring::wait_until(std::uint32_t place, timespec& time) {
  static_assert(sizeof time == sizeof(__kernel_timespec));
  io_uring_sqe& entry = kernel_->entry();
  ::io_uring_prep_timeout(&entry, reinterpret_cast<__kernel_timespec*>(&time), 0,
                          IORING_TIMEOUT_ABS);
  entry.user_data = Tag{Operation::wait_until, place, places_[place].generation}.packed();
  ++places_[place].under_way;
  asked();
}

void Ring::asked() {
  if (!turning_) submit();
}

std::span<char> Ring::room() {
  if (room_.size() - used_ < largest_write) submit();
  CONTEND_CHECK(room_.size() - used_ >= largest_write);
  return std::span(room_).subspan(used_, largest_write);
}

void Ring::submit() {
  io_uring* ring = &kernel_->ring();
  while (::io_uring_sq_ready(ring) > 0 && ::io_uring_submit(ring) > 0) continue;
  handed_over();
  now_ = Clock::now();
}

/// A send that may not wait is over then.
void Ring::handed_over() {
  if (::io_uring_sq_ready(&kernel_->ring()) > 0) return;  // the kernel had no memory
  used_ = 0;
  queued_ = 0;
}

int Ring::turn(int wait_ms) {
  turning_ = true;
  feed_hungry();
  ::io_uring_cq_eventfd_toggle(&kernel_->ring(), wait_ms == 0);
  if (wait_ms == 0 || !hungry_.empty()) {
    ::io_uring_submit_and_get_events(&kernel_->ring());
    eventfd_t ignored = 0;
    ::eventfd_read(kernel_->event(), &ignored);
  } else {
    wait();
  }
  return tell();
}

/// Makes no system call while there is nothing to tell and nothing to hand over.
bool Ring::look() {
  io_uring* ring = &kernel_->ring();
  turning_ = true;
  feed_hungry();
  ::io_uring_cq_eventfd_toggle(ring, false);
  const bool asked = ::io_uring_sq_ready(ring) > 0 || kernel_->has_work();
  if (asked) {
    ::io_uring_submit_and_get_events(ring);
  } else if (::io_uring_cq_ready(ring) == 0) {
    return false;
  }
  tell();
  return true;
}

int Ring::tell() {
  handed_over();
  const io_uring_cq& cq = kernel_->ring().cq;
  // What comes while these are told came later than now().
  const unsigned count = std::min(::io_uring_cq_ready(&kernel_->ring()), most_told);
  now_ = Clock::now();
  for (unsigned i = 0; i < count; ++i) {
    const unsigned head = *cq.khead + i;
    fetch_owner(head + 2);
    const io_uring_cqe& done = cq.cqes[head & cq.ring_mask];
    handle(done.user_data, done.res, done.flags);
  }
  ::io_uring_cq_advance(&kernel_->ring(), count);
  return static_cast<int>(count);
}

/// Who is told next but one.
void Ring::fetch_owner(unsigned at) const {
  const io_uring_cq& done = kernel_->ring().cq;
  if (static_cast<int>(*done.ktail - at) <= 0) return;
  const Tag tag = Tag::of(done.cqes[at & done.ring_mask].user_data);
  if (tag.place < places_.size()) fetch(places_[tag.place].owner);
}

/// Whoever sends to one that sleeps must wake it, which on many machines costs more than a message
/// does: where answers come at once, a server with a client that takes naps is slower than with one
/// that is always busy.
void Ring::wait() {
  io_uring* ring = &kernel_->ring();
  if (patience_ > 0 || ++naps_ % naps_between_tries == 0) {
    ::io_uring_submit_and_get_events(ring);
    if (::io_uring_cq_ready(ring) > 0) return;
    const auto start = std::chrono::steady_clock::now();
    auto now = start;
    while (!kernel_->has_work() && now < start + moment) now = std::chrono::steady_clock::now();
    awake_ += now - start;
    const bool came = kernel_->has_work();
    patience_ = came ? std::min(patience_ + 1, most_patience) : std::max(patience_ - 2, 0);
  }
  ::io_uring_submit_and_wait(ring, 1);
}

void Ring::end_turns() {
  turning_ = false;
  submit();
  // The kernel tells a few at a time, and does not say again that the others are there.
  const bool told_all = ::io_uring_cq_ready(&kernel_->ring()) == 0 && !kernel_->has_work();
  if (!told_all || !hungry_.empty()) ::eventfd_write(kernel_->event(), 1);
}

/// Those for whom there was no buffer, as many as there are buffers now.
void Ring::feed_hungry() {
  for (std::size_t i = 0; i < kernel_->buffers() && !hungry_.empty(); ++i) {
    const auto [place, generation] = hungry_.front();
    hungry_.pop_front();
    if (owner_of(place, generation) != nullptr) receive(place);
  }
}

/// Null if that one is gone.
Ring::Owner* Ring::owner_of(std::uint32_t place, std::uint32_t generation) const {
  const bool same = (places_[place].generation & Tag::generations) == generation;
  return same ? places_[place].owner : nullptr;
}

void Ring::handle(std::uint64_t packed, int result, std::uint32_t flags) {
  if (packed == cancelling) return;
  const auto [operation, place, generation] = Tag::of(packed);
  const bool over = (flags & IORING_CQE_F_MORE) == 0;
  const bool receives = operation == Operation::receive;
  if (Owner* owner = owner_of(place, generation)) {
    if (operation != Operation::send && over) --places_[place].under_way;
    // What a timer starts may take long.
    if (operation == Operation::wait_until) submit();
    if (receives && result == -ENOBUFS) {
      hungry_.emplace_back(place, generation);
    } else {
      if (receives && over && result > 0) receive(place);
      owner->on_done(operation, result, kernel_->buffer(flags, result));
      if (operation == Operation::wait_until) now_ = Clock::now();
    }
  }
  kernel_->give_back(flags);
}

}  // namespace contend::loadgen
