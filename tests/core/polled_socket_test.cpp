#include "core/polled_socket.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>

#include "core/poller.hpp"

namespace contend {
namespace {

namespace error = boost::asio::error;

/// What a handler was told, and how often.
struct Told {
  boost::system::error_code error{};
  std::size_t count = 0;
  int times = 0;

  auto handler() {
    return [this](const boost::system::error_code& e, std::size_t n) {
      error = e;
      count = n;
      ++times;
    };
  }
};

/// A polled socket and the other end of it.
struct Pair {
  explicit Pair(Poller& poller) : ours(poller) { connect(); }
  ~Pair() { hang_up(); }

  void connect() {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    ASSERT_FALSE(ours.adopt(ends[0]));
    theirs = ends[1];
  }
  void say(std::string_view text) const {
    ASSERT_EQ(::send(theirs, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  void hang_up() {
    if (theirs >= 0) ::close(std::exchange(theirs, -1));
  }
  void read(Told& told) { ours.async_read_some(room, told.handler()); }
  /// Until the kernel takes no more.
  std::size_t fill() {
    const std::string much(100'000, 'x');
    std::size_t sum = 0;
    for (Moved sent; !sent.error; sum += sent.count) sent = ours.try_write(much);
    return sum;
  }
  std::size_t drain() const {
    std::array<char, 65536> all;
    std::size_t sum = 0;
    for (ssize_t got = 0; (got = ::recv(theirs, all.data(), all.size(), 0)) > 0;) {
      sum += static_cast<std::size_t>(got);
    }
    return sum;
  }

  PolledSocket ours;
  int theirs = -1;
  std::array<char, 8> room{};
};

void take_turns(Poller& poller) {
  for (int i = 0; i < 3; ++i) poller.turn();
}

TEST(PolledSocket, reads_what_comes_and_not_before_the_call_has_returned) {
  Poller poller;
  Pair pair(poller);
  Told told;
  pair.say("early");
  take_turns(poller);
  pair.read(told);
  EXPECT_EQ(told.times, 0);
  take_turns(poller);
  EXPECT_EQ(told.times, 1);
  EXPECT_EQ(std::string_view(pair.room.data(), told.count), "early");
  pair.read(told);
  take_turns(poller);
  EXPECT_EQ(told.times, 1) << "there was nothing more";
  pair.say("late");
  take_turns(poller);
  EXPECT_EQ(told.times, 2);
  EXPECT_EQ(std::string_view(pair.room.data(), told.count), "late");
}

TEST(PolledSocket, goes_on_where_there_was_no_room_for_all) {
  Poller poller;
  Pair pair(poller);
  pair.say("twelve bytes");
  Told told;
  std::string all;
  for (const std::size_t expected : {8U, 4U}) {
    pair.read(told);
    take_turns(poller);
    ASSERT_EQ(told.count, expected);
    all.append(pair.room.data(), told.count);
  }
  EXPECT_EQ(all, "twelve bytes");
}

TEST(PolledSocket, tells_of_an_end_that_came_with_the_last_bytes) {
  Poller poller;
  Pair pair(poller);
  Told told;
  pair.read(told);
  pair.say("bye");
  pair.hang_up();
  take_turns(poller);
  EXPECT_EQ(told.times, 1);
  EXPECT_EQ(told.count, 3U);
  pair.read(told);
  take_turns(poller);
  EXPECT_EQ(told.times, 2);
  EXPECT_EQ(told.error, error::eof);
}

TEST(PolledSocket, writes_what_the_kernel_takes_and_the_rest_when_it_takes_more) {
  Poller poller;
  Pair pair(poller);
  const std::size_t sent = pair.fill();
  EXPECT_GT(sent, 0U);
  EXPECT_EQ(pair.ours.try_write("rest").error, error::would_block);
  Told told;
  pair.ours.async_write_some(std::string_view("rest"), told.handler());
  take_turns(poller);
  EXPECT_EQ(told.times, 0);
  EXPECT_EQ(pair.drain(), sent);
  take_turns(poller);
  EXPECT_EQ(told.times, 1);
  EXPECT_EQ(told.count, 4U);
  EXPECT_EQ(pair.drain(), 4U);
}

TEST(PolledSocket, waits_without_bytes_until_the_kernel_takes_some) {
  Poller poller;
  Pair pair(poller);
  const std::size_t sent = pair.fill();
  Told told;
  pair.ours.async_write_some({}, told.handler());
  take_turns(poller);
  EXPECT_EQ(told.times, 0);
  EXPECT_EQ(pair.drain(), sent);
  take_turns(poller);
  EXPECT_EQ(told.times, 1);
  EXPECT_FALSE(told.error);
  EXPECT_EQ(pair.ours.try_write(std::string_view("rest")).count, 4U);
}

TEST(PolledSocket, writes_also_where_nobody_tried_before) {
  Poller poller;
  Pair pair(poller);
  take_turns(poller);
  Told told;
  pair.ours.async_write_some(std::string_view("first"), told.handler());
  EXPECT_EQ(told.times, 0);
  take_turns(poller);
  EXPECT_EQ(told.times, 1);
  EXPECT_EQ(pair.drain(), 5U);
}

TEST(PolledSocket, reads_and_writes_at_the_same_time) {
  Poller poller;
  Pair pair(poller);
  pair.fill();
  Told read, written;
  pair.read(read);
  pair.ours.async_write_some(std::string_view("rest"), written.handler());
  pair.drain();
  pair.say("hello");
  take_turns(poller);
  EXPECT_EQ(read.times, 1);
  EXPECT_EQ(written.times, 1);
}

TEST(PolledSocket, says_why_nothing_can_be_moved) {
  Poller poller;
  Pair pair(poller);
  pair.hang_up();
  EXPECT_EQ(pair.ours.try_write("x").error, error::broken_pipe);
  EXPECT_EQ(PolledSocket(poller).adopt(-1), error::bad_descriptor);
}

TEST(PolledSocket, may_be_closed_by_a_handler_and_opened_again) {
  Poller poller;
  Pair first(poller), second(poller);
  // Whichever is told first closes the other, which was ready in the same turn.
  int told = 0;
  const auto closes = [&told](Pair& other) {
    return [&told, &other](const boost::system::error_code&, std::size_t) {
      ++told;
      other.ours.close();
      other.hang_up();
      other.connect();
    };
  };
  first.ours.async_read_some(first.room,
                             [call = closes(second)](const auto& e, std::size_t n) { call(e, n); });
  second.ours.async_read_some(second.room,
                              [call = closes(first)](const auto& e, std::size_t n) { call(e, n); });
  first.say("x");
  second.say("x");
  take_turns(poller);
  EXPECT_EQ(told, 1);
  for (Pair* pair : {&first, &second}) {
    Told fresh;
    pair->read(fresh);
    take_turns(poller);
    EXPECT_EQ(fresh.times, 0) << "what was said to the one before";
    pair->say("y");
    take_turns(poller);
    EXPECT_EQ(fresh.times, 1);
  }
}

/// A listener on a port of its own, and non-blocking sockets that connect to it.
struct Listener {
  explicit Listener(int backlog) : socket(::socket(AF_INET, SOCK_STREAM, 0)) {
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&name), size), 0);
    EXPECT_EQ(::listen(socket, backlog), 0);
    EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size), 0);
  }
  int connecting() const {
    const int fresh = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    EXPECT_NE(::connect(fresh, reinterpret_cast<const sockaddr*>(&name), size), 0);
    EXPECT_EQ(errno, EINPROGRESS);
    return fresh;
  }

  int socket;
  sockaddr_in name{};
  socklen_t size = sizeof name;
};

TEST(PolledSocket, tells_when_it_is_connected) {
  Poller poller;
  const Listener listener(8);
  PolledSocket ours(poller);
  Told told;
  ASSERT_FALSE(ours.adopt(listener.connecting(), told.handler()));
  EXPECT_EQ(told.times, 0);
  for (int i = 0; i < 100 && told.times == 0; ++i) poller.turn(100);
  EXPECT_EQ(told.times, 1);
  EXPECT_FALSE(told.error);
  EXPECT_EQ(ours.try_write(std::string_view("hello")).count, 5U);
  ::close(listener.socket);
}

TEST(PolledSocket, tells_that_it_could_not_be_connected) {
  Poller poller;
  const Listener listener(0);
  const int queued = listener.connecting();
  pollfd waiting{.fd = listener.socket, .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&waiting, 1, 10'000), 1);
  PolledSocket ours(poller);
  Told told;
  // The queue has no room for it, and when it asks again there is none any more.
  ASSERT_FALSE(ours.adopt(listener.connecting(), told.handler()));
  take_turns(poller);
  EXPECT_EQ(told.times, 0);
  ::close(listener.socket);
  for (int i = 0; i < 100 && told.times == 0; ++i) poller.turn(100);
  EXPECT_EQ(told.times, 1);
  EXPECT_EQ(told.error, error::connection_refused);
  ::close(queued);
}

}  // namespace
}  // namespace contend
