#include "loadgen/ring.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

#include <liburing.h>

#include "core/check.hpp"
#include "core/fetch.hpp"

#include "loadgen/ring_timer.hpp"
#include "loadgen/rooms.hpp"

namespace contend::loadgen {
namespace {

constexpr unsigned submissions = 256;
constexpr unsigned completions = 4096;
constexpr int buffer_group = 0;
// One for each socket as far as that goes: the fewer there are, the likelier they are in the cache.
constexpr std::size_t least_buffers = 65536;  // bytes in all
constexpr std::size_t most_buffers = std::size_t{1} << 20;
constexpr std::size_t least_buffer = 512;
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

void check(int result, const char* what) {
  if (result < 0) throw std::system_error(-result, std::system_category(), what);
}

}  // namespace

/// The ring, and the buffers that the kernel chooses from for what comes.
class Ring::Kernel {
 public:
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

Ring::Ring(const RingLoad& load)
    : kernel_(std::make_unique<Kernel>(load)), sends_fit_(load.sends_fit), room_(all_room) {}

Ring::~Ring() = default;

void Ring::begin() {
  // io_uring_enable_rings() is not in every liburing.so.
  const long begun = ::syscall(SYS_io_uring_register, kernel_->ring().ring_fd,
                               IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  check(begun < 0 ? -errno : 0, "io_uring");
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
  entry.buf_group = buffer_group;
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
int Ring::look() {
  io_uring* ring = &kernel_->ring();
  turning_ = true;
  feed_hungry();
  ::io_uring_cq_eventfd_toggle(ring, false);
  if (::io_uring_sq_ready(ring) > 0 || kernel_->has_work()) ::io_uring_submit_and_get_events(ring);
  return tell();
}

int Ring::tell() {
  handed_over();
  unsigned head = 0;
  unsigned count = 0;
  io_uring_cqe* done = nullptr;
  io_uring_for_each_cqe(&kernel_->ring(), head, done) {
    fetch_owner(head + 2);
    handle(done->user_data, done->res, done->flags);
    if (++count == most_told) break;
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
    }
  }
  kernel_->give_back(flags);
}

}  // namespace contend::loadgen
