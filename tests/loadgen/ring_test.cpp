// What a Ring tells of sockets and moments, and what it does not.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/poller_in_asio.hpp"

#include "loadgen/address.hpp"
#include "loadgen/ring_stream.hpp"
#include "tests/loadgen/ring_end.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

TEST_F(RingTest, receives_what_comes_until_its_end) {
  RingEnd end(*ring_);
  end.receive();
  take_turns();
  EXPECT_TRUE(end.told.empty());
  end.say("early");
  take_turns();
  end.say("late");
  take_turns();
  EXPECT_EQ(end.received, "earlylate");
  end.hang_up();
  take_turns();
  EXPECT_EQ(end.told, (Told{{receive, 5}, {receive, 4}, {receive, 0}}));
}

TEST_F(RingTest, sends_what_the_kernel_takes_and_says_when_it_takes_more) {
  RingEnd end(*ring_);
  const std::string much(60'000, 'x');
  std::size_t sent = 0;
  do {
    end.send(much);
    take_turns();
    ASSERT_EQ(end.told.back().first, send);
    if (end.told.back().second > 0) sent += static_cast<std::size_t>(end.told.back().second);
  } while (end.told.back().second > 0);
  EXPECT_EQ(end.told.back().second, -EAGAIN);
  end.told.clear();
  end.wait_writable();
  take_turns();
  EXPECT_TRUE(end.told.empty());
  std::size_t heard = 0;
  while (const auto text = end.hear()) heard += text->size();
  EXPECT_EQ(heard, sent);
  take_turns();
  ASSERT_EQ(end.told.size(), 1U);
  EXPECT_EQ(end.told.front().first, wait_writable);
}

TEST_F(RingTest, tells_of_sends_to_nobody_who_has_left_and_of_nothing_to_who_comes_after) {
  std::optional<RingEnd> first(std::in_place, *ring_);
  first->receive();
  take_turns();
  first->say("for the first");
  first->send("from the first");
  first->leave();
  RingEnd second(*ring_);  // at the same place, and at the same descriptor
  second.receive();
  take_turns();
  EXPECT_TRUE(first->told.empty());
  EXPECT_TRUE(second.told.empty());
  second.say("for the second");
  take_turns();
  EXPECT_EQ(second.received, "for the second");
  EXPECT_EQ(first->hear(), "from the first");
}

TEST_F(RingTest, lets_go_of_a_socket_at_once) {
  RingEnd end(*ring_);
  end.receive();
  take_turns();
  EXPECT_EQ(end.hear(), std::nullopt);
  end.leave();
  EXPECT_EQ(end.hear(), "") << "the end, without another turn";
}

TEST_F(RingTest, hands_over_between_turns_at_once_and_in_a_turn_at_its_end) {
  RingEnd end(*ring_);
  end.send("a");
  EXPECT_EQ(end.hear(), "a");
  end.answers = true;
  end.receive();
  end.say("b");
  ring_->turn();
  EXPECT_EQ(end.hear(), std::nullopt);
  ring_->end_turns();
  EXPECT_EQ(end.hear(), "b");
}

TEST_F(RingTest, serves_all_where_there_are_more_sockets_than_buffers) {
  make({.sockets = 1, .most_at_a_time = 65536});
  const std::string text(50'000, 'y');
  std::deque<RingEnd> ends;
  for (int i = 0; i < 40; ++i) {
    ends.emplace_back(*ring_).receive();
    ends.back().say(text);
  }
  take_turns(100);
  for (const RingEnd& end : ends) EXPECT_EQ(end.received.size(), text.size());
  // They receive still.
  for (RingEnd& end : ends) end.say("z");
  take_turns(100);
  for (const RingEnd& end : ends) EXPECT_EQ(end.received.size(), text.size() + 1);
}

TEST_F(RingTest, ends_its_turn_however_much_there_is) {
  std::deque<RingEnd> ends;
  for (int i = 0; i < 500; ++i) {
    ends.emplace_back(*ring_).receive();
    ends.back().say("x");
  }
  int most = 0;
  for (int i = 0; i < 200; ++i) most = std::max(most, ring_->turn());
  ring_->end_turns();
  EXPECT_LE(most, 256);
  for (const RingEnd& end : ends) EXPECT_EQ(end.received, "x");
}

TEST_F(RingTest, is_readable_until_all_is_told) {
  std::deque<RingEnd> ends;
  for (int i = 0; i < 100; ++i) ends.emplace_back(*ring_).receive();
  take_turns();
  EXPECT_FALSE(has_something_to_tell());
  for (RingEnd& end : ends) end.say("x");
  const auto told = [&] {
    return std::ranges::count_if(ends, [](const RingEnd& end) { return !end.told.empty(); });
  };
  for (int i = 0; i < 100 && has_something_to_tell(); ++i) take_turns(1);
  EXPECT_EQ(told(), 100);
  EXPECT_FALSE(has_something_to_tell());
}

constexpr RingLoad that_fits{.sockets = 1, .most_at_a_time = 512, .sends_fit = true};

TEST_F(RingTest, tells_nothing_of_sends_that_fit) {
  make(that_fits);
  RingEnd end(*ring_);
  const auto start = std::chrono::steady_clock::now();
  const auto timer = ring_->timer([] {});
  timer->expire_at(start + 20ms);
  end.send("x");
  ring_->turn(-1);
  EXPECT_EQ(end.hear(), "x");
  EXPECT_TRUE(end.told.empty());
  EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
}

TEST_F(RingTest, tells_of_a_send_that_should_have_fitted) {
  make(that_fits);
  RingEnd end(*ring_);
  const std::string much(60'000, 'x');
  std::size_t sent = 0;
  for (; end.told.empty(); sent += much.size()) {
    end.send(much);
    take_turns();
  }
  EXPECT_EQ(end.told.front().first, send);
  const int taken = end.told.front().second;
  ASSERT_TRUE(taken == -EAGAIN || (taken > 0 && taken < 60'000)) << taken;
  std::size_t heard = 0;
  while (const auto text = end.hear()) heard += text->size();
  EXPECT_EQ(heard, sent - much.size() + static_cast<std::size_t>(std::max(taken, 0)));
  end.told.clear();
  end.hang_up();
  end.send("x");
  take_turns();
  EXPECT_EQ(end.told, (Told{{send, -EPIPE}}));
}

/// Writes and never reads what a server that does not read either would have to take.
RingStream::Error write_until_told(Ring& ring, bool& would_block) {
  boost::asio::io_context context;
  const std::string path = fmt::format("{}ring-stream-{}", ::testing::TempDir(), ::getpid());
  boost::asio::local::stream_protocol::acceptor server(context, path);
  const auto address = resolve({.kind = Target::Kind::unix_stream, .host = path}, false);
  RingStream stream(ring);
  std::optional<RingStream::Error> told;
  const auto tell = [&](const RingStream::Error& error, std::size_t) { told = error; };
  EXPECT_FALSE(stream.open(address->front(), {}, [](const RingStream::Error&) {}));
  ring.turn(-1);
  stream.async_read_some(tell);
  for (int i = 0; i < 100 && !told; ++i) {
    const Moved moved = stream.try_write(stream.room());
    would_block = moved.error == boost::asio::error::would_block;
    if (would_block) stream.async_write_some({}, tell);
    ring.turn();
  }
  ring.end_turns();
  stream.close();
  ::unlink(path.c_str());
  return told.value_or(boost::asio::error::timed_out);
}

TEST_F(RingTest, a_stream_counts_as_broken_where_what_fits_did_not) {
  bool would_block = false;
  EXPECT_FALSE(write_until_told(*ring_, would_block)) << "of its first write";
  EXPECT_TRUE(would_block);
  make(that_fits);
  EXPECT_EQ(write_until_told(*ring_, would_block), boost::asio::error::no_buffer_space);
  EXPECT_FALSE(would_block);
}

TEST_F(RingTest, takes_turns_beside_asio) {
  boost::asio::io_context context;
  PollerInAsio turns(*ring_, context);
  RingEnd end(*ring_);
  end.receive();
  boost::asio::steady_timer timer(context, 1ms);
  timer.async_wait([&](const boost::system::error_code&) { end.say("x"); });
  const auto start = std::chrono::steady_clock::now();
  boost::asio::steady_timer look(context);
  const std::function<void()> wait = [&] {
    look.expires_after(1ms);
    look.async_wait([&](const boost::system::error_code&) {
      const bool late = std::chrono::steady_clock::now() - start > 10s;
      !end.received.empty() || late ? turns.stop() : wait();
    });
  };
  wait();
  turns.start();
  context.run();
  EXPECT_EQ(end.received, "x");
}

}  // namespace
}  // namespace contend::loadgen
