// What a Poller tells of sockets and moments, and how it gets its turn beside Asio.
#include "core/poller.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include "core/polled_bell.hpp"
#include "core/polled_socket.hpp"
#include "core/polled_timer.hpp"
#include "core/poller_in_asio.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;

/// Has the others forgotten when it is told of something itself.
struct Rival final : Polled {
  void on_ready(std::uint32_t) override {
    ++told;
    for (Rival& other : *rivals) {
      if (&other != this) poller->forget(other.socket, other);
    }
  }

  Poller* poller = nullptr;
  int socket = -1;
  std::deque<Rival>* rivals = nullptr;
  int told = 0;
};

TEST(Poller, tells_nobody_who_was_forgotten_in_the_same_turn) {
  Poller poller;
  std::deque<Rival> rivals(4);
  for (std::size_t i = 0; i < rivals.size(); i += 2) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    rivals[i].socket = ends[0];
    rivals[i + 1].socket = ends[1];
  }
  for (Rival& rival : rivals) {
    rival.poller = &poller;
    rival.rivals = &rivals;
    ASSERT_FALSE(poller.watch(rival.socket, rival));
  }
  EXPECT_EQ(poller.turn(), 4);
  int told = 0;
  for (const Rival& rival : rivals) {
    told += rival.told;
    ::close(rival.socket);
  }
  EXPECT_EQ(told, 1);
}

/// Sends back whatever it reads, for ever.
struct Player {
  void play() {
    socket.async_read_some(room, [this](const boost::system::error_code& e, std::size_t n) {
      if (e) return;
      ++played;
      socket.try_write(std::span(room).first(n));
      play();
    });
  }

  PolledSocket socket;
  std::array<char, 8> room{};
  int played = 0;
};

/// Pairs of players, with so many balls a side.
std::deque<Player> at_play(Poller& poller, int pairs, std::string_view balls) {
  std::deque<Player> players;
  for (int pair = 0; pair < pairs; ++pair) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    for (const int end : ends) {
      Player& player = players.emplace_back(Player{PolledSocket(poller)});
      EXPECT_FALSE(player.socket.adopt(end));
      player.play();
      player.socket.try_write(balls);
      if (balls.size() == 1) balls = {};  // one ball for both
    }
  }
  return players;
}

TEST(PollerInAsio, lets_timers_have_their_turn_and_ends_when_it_is_stopped) {
  Poller poller;
  boost::asio::io_context context;
  PollerInAsio turns(poller, context);
  const std::deque<Player> players = at_play(poller, 2, "ab");  // several are always ready
  boost::asio::steady_timer timer(context);
  const auto played = [](const Player& player) { return player.played > 10; };
  const std::function<void()> wait = [&] {
    timer.expires_after(1ms);
    timer.async_wait([&](const boost::system::error_code&) {
      std::ranges::all_of(players, played) ? turns.stop() : wait();
    });
  };
  wait();
  turns.start();
  context.run();
  EXPECT_TRUE(std::ranges::all_of(players, played));
}

TEST(PollerInAsio, does_not_ask_asio_where_that_has_nothing_to_do) {
  for (const bool alone : {false, true}) {
    Poller poller;
    boost::asio::io_context context;
    PollerInAsio turns(poller, context);
    const std::deque<Player> players = at_play(poller, 1, "a");
    const auto played = [&] { return players.front().played + players.back().played; };
    const auto again = [] { return std::chrono::steady_clock::now() + 1ms; };
    PolledTimer* set = nullptr;
    PolledTimer timer(poller, [&] { played() > 100 ? turns.stop() : set->expire_at(again()); });
    set = &timer;
    timer.expire_at(again());
    if (alone) turns.take_over();
    turns.start();
    const auto asked = static_cast<int>(context.run());
    EXPECT_GT(played(), 100);
    if (alone) {
      EXPECT_LE(asked, 2);
    } else {
      EXPECT_GT(asked, played() / 2);
    }
  }
}

/// What an io_context, whose turns have taken over, has done before they ended.
struct Done {
  bool what_was_posted = false;
  bool what_was_awaited = false;
};
Done done_beside_turns(bool asked, bool awaited) {
  Poller poller;
  boost::asio::io_context context;
  PollerInAsio turns(poller, context);
  Done done, done_at_last;
  std::optional<PollerInAsio::AsioIsAwaited> awaiting;
  boost::asio::steady_timer moment(context);
  PolledTimer first(poller, [&] {
    boost::asio::post(context, [&] { done.what_was_posted = true; });
    if (asked) turns.ask_asio();
    moment.expires_after(50ms);
    moment.async_wait([&](const boost::system::error_code&) { done.what_was_awaited = true; });
    if (awaited) awaiting.emplace(turns);
  });
  PolledTimer last(poller, [&] {
    done_at_last = done;
    turns.stop();
    context.stop();
  });
  first.expire_at(std::chrono::steady_clock::now());
  last.expire_at(std::chrono::steady_clock::now() + 500ms);
  turns.take_over();
  turns.start();
  context.run();
  return done_at_last;
}

TEST(PollerInAsio, runs_what_asio_has_when_it_is_asked_to) {
  EXPECT_FALSE(done_beside_turns(false, false).what_was_posted);
  EXPECT_TRUE(done_beside_turns(true, false).what_was_posted);
}

TEST(PollerInAsio, looks_for_what_is_awaited_from_asio) {
  EXPECT_FALSE(done_beside_turns(true, false).what_was_awaited);
  EXPECT_TRUE(done_beside_turns(false, true).what_was_awaited);
}

TEST(PollerInAsio, ends_when_its_io_context_is_stopped_and_it_is_told_so) {
  Poller poller;
  boost::asio::io_context context;
  PollerInAsio turns(poller, context);
  PolledBell bell(poller, ::eventfd(0, 0), [&] { turns.ask_asio(); });
  turns.take_over();
  turns.start();
  std::jthread other;
  PolledTimer soon(poller, [&] {
    other = std::jthread([&] {
      context.stop();
      ::eventfd_write(bell.descriptor(), 1);
    });
  });
  soon.expire_at(std::chrono::steady_clock::now());
  context.run();
  EXPECT_TRUE(other.joinable());
}

// What was awaited may begin more, which is behind the turns in Asio's queue.
TEST(PollerInAsio, asks_asio_once_nothing_is_awaited_any_more) {
  Poller poller;
  boost::asio::io_context context;
  PollerInAsio turns(poller, context);
  PolledBell bell(poller, ::eventfd(0, 0), [] {});
  std::optional<PollerInAsio::AsioIsAwaited> awaiting(turns);
  bool is_late = false;
  bool told_in_time = false;
  boost::asio::steady_timer moment(context, 1ms);
  moment.async_wait([&](const boost::system::error_code&) {
    ::eventfd_write(bell.descriptor(), 1);
    awaiting.reset();
    boost::asio::post(context, [&] {
      boost::asio::post(context, [&] {
        told_in_time = !is_late;
        turns.stop();
      });
    });
  });
  PolledTimer last(poller, [&] {
    is_late = true;
    turns.stop();
  });
  last.expire_at(std::chrono::steady_clock::now() + 500ms);
  turns.take_over();
  turns.start();
  context.run();
  EXPECT_TRUE(told_in_time);
}

TEST(PolledBell, says_why_its_descriptor_could_not_be_opened) {
  Poller poller;
  try {
    PolledBell(poller, ::open("/no/such/folder/file", O_RDONLY), [] {});
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOENT);
  }
}

TEST(PolledTimer, calls_once_at_the_last_time_it_was_set_to) {
  Poller poller;
  int calls = 0;
  PolledTimer timer(poller, [&] { ++calls; });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(poller.turn(30), 0);
  timer.expire_at(start + 1h);
  timer.expire_at(start + 50ms);
  EXPECT_EQ(poller.turn(-1), 1);
  EXPECT_EQ(calls, 1);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
  EXPECT_EQ(poller.turn(30), 0);
  timer.expire_at(start);  // over already
  EXPECT_EQ(poller.turn(-1), 1);
  timer.expire_at({});
  EXPECT_EQ(poller.turn(-1), 1);
  timer.expire_at(start);
  timer.cancel();
  EXPECT_EQ(poller.turn(30), 0);
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace contend
