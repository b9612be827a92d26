// A Ring under test, and connections of which one end is in it.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <poll.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "loadgen/engine.hpp"
#include "loadgen/ring.hpp"

namespace contend::loadgen {

/// One end of a connection in a ring, and the other in our hands.
class RingEnd final : private Ring::Owner {
 public:
  explicit RingEnd(Ring& ring) : ring_(&ring) {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()), 0);
    place_ = ring.enter(*this, ends_[0]);
  }
  RingEnd(const RingEnd&) = delete;
  RingEnd& operator=(const RingEnd&) = delete;
  ~RingEnd() {
    leave();
    hang_up();
  }

  void receive() { ring_->receive(place_); }
  void send(std::string_view text) {
    const auto room = ring_->room().first(text.size());
    std::ranges::copy(text, room.begin());
    ring_->send(place_, room);
  }
  void wait_writable() { ring_->wait_writable(place_); }
  void leave() {
    if (ends_[0] < 0) return;
    ring_->leave(place_);
    ::close(std::exchange(ends_[0], -1));
  }

  void say(std::string_view text) const {
    EXPECT_EQ(::send(ends_[1], text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  void hang_up() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }
  /// What the other end finds: nothing at the end of the stream, nullopt where there is none yet.
  std::optional<std::string> hear() const {
    std::string room(1 << 20, ' ');
    const ssize_t got = ::recv(ends_[1], room.data(), room.size(), 0);
    if (got < 0) return std::nullopt;
    return room.substr(0, static_cast<std::size_t>(got));
  }

  std::string received;
  std::vector<std::pair<Ring::Operation, int>> told;
  bool answers = false;  // whatever it receives with the same
  std::function<void()> on_receive;

 private:
  void on_done(Ring::Operation operation, int result, std::span<const char> bytes) override {
    told.emplace_back(operation, result);
    received.append(bytes.data(), bytes.size());
    if (answers && !bytes.empty()) send({bytes.data(), bytes.size()});
    if (on_receive && !bytes.empty()) on_receive();
  }

  Ring* ring_;
  std::array<int, 2> ends_{-1, -1};
  std::uint32_t place_ = 0;
};

using Told = std::vector<std::pair<Ring::Operation, int>>;
inline constexpr auto receive = Ring::Operation::receive;
inline constexpr auto send = Ring::Operation::send;
inline constexpr auto wait_writable = Ring::Operation::wait_writable;

/// Skipped, visibly, where io_uring is forbidden.
class RingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto engine = choose_engine(Engine::uring, true);
    if (!engine) GTEST_SKIP() << engine.error().message;
    make({.sockets = 16, .most_at_a_time = 512});
  }
  void make(const RingLoad& load) {
    ring_ = std::make_unique<Ring>(load);
    ring_->begin();
  }
  void take_turns(int count = 3) {
    for (int i = 0; i < count; ++i) ring_->turn();
    ring_->end_turns();
  }
  bool has_something_to_tell() const {
    pollfd waited{.fd = ring_->descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&waited, 1, 0) == 1;
  }

  std::unique_ptr<Ring> ring_;
};

}  // namespace contend::loadgen
