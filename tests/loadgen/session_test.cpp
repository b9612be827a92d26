#include "loadgen/session.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "core/latency_bands.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

/// A session against a server that the test plays, on a clock that the test sets.
struct Played {
  explicit Played(std::size_t depth = 1, std::uint64_t share = 4, const char* sizes = "64")
      : wire(PayloadKind::text, *MessageSizes::parse(sizes), 1, true),
        session(wire, {.client = 5, .depth = depth, .share = share}, tally) {
    session.started(now, now);
    session.connected();
  }

  /// What the session writes now, taken in pieces of at most `most` bytes.
  std::string said(std::size_t most = 1 << 20) {
    std::string all;
    std::vector<char> room(session.room_to_write());
    for (auto bytes = session.to_write(now, room); !bytes.empty();
         bytes = session.to_write(now, room)) {
      const std::size_t count = std::min(most, bytes.size());
      all.append(bytes.data(), count);
      session.wrote(count);
      std::ranges::fill(room, '?');  // others have it meanwhile
    }
    return all;
  }

  std::string top_up() {
    session.top_up(now);
    return said();
  }

  Wire wire;
  Tally tally;
  Session session;
  Clock::time_point now{1h};
};

TEST(Session, keeps_the_depth_in_flight_until_the_share_is_sent) {
  Played played(3, 4);
  EXPECT_EQ(played.top_up().size(), 3U * 64);
  const std::string first = played.wire.payload.bytes({5, 0}, 64, 0, 64);
  EXPECT_TRUE(played.session.received(first, played.now));
  EXPECT_EQ(played.top_up().size(), 64U);
  EXPECT_EQ(played.top_up(), "");
  EXPECT_FALSE(played.session.finished());
  EXPECT_EQ(played.tally.sent, 4U);
}

TEST(Session, says_what_it_expects_however_it_is_written) {
  Played played(4, 4, "100..9000");
  played.session.top_up(played.now);
  EXPECT_TRUE(played.session.received(played.said(77), played.now));
  EXPECT_TRUE(played.session.finished());
  EXPECT_EQ(played.tally.answered, 4U);
  EXPECT_EQ(played.tally.errors.total(), 0U);
  EXPECT_EQ(played.tally.bytes_sent, played.tally.bytes_verified);
}

TEST(Session, times_each_message_from_its_sending) {
  Played played;
  const std::string message = played.top_up();
  played.session.received(message.substr(0, 10), played.now + 1ms);
  played.session.received(message.substr(10), played.now + 3ms);
  EXPECT_EQ(played.tally.service.count(), 1U);
  EXPECT_EQ(played.tally.service.max(), 3'000'000);
  EXPECT_EQ(played.tally.first_answers.at(0).wait, 1ms);
}

TEST(Session, answers_that_come_together_keep_the_times_of_their_own_messages) {
  Played played(3, 5);
  const std::string first = played.top_up();
  played.now += 1ms;
  EXPECT_TRUE(played.session.received(first.substr(0, 128), played.now));  // two of three
  const std::string second = played.top_up();
  EXPECT_EQ(second.size(), 128U);
  played.now += 2ms;
  EXPECT_TRUE(played.session.received(first.substr(128) + second, played.now));
  const Histogram& service = played.tally.service;
  EXPECT_EQ(service.count(), 5U);
  EXPECT_NEAR(service.mean(), (2 * 1e6 + 3e6 + 2 * 2e6) / 5, 1e3);
  EXPECT_EQ(service.min(), 1'000'000);
  EXPECT_EQ(service.max(), 3'000'000);
  EXPECT_EQ(played.tally.answered, 5U);
  double in_bands = 0;
  for (const Series& each : played.tally.timeline.series()) {
    if (!latency_band(each)) continue;
    for (const auto& point : each.points) in_bands += point.value;
  }
  EXPECT_EQ(in_bands, 5);
}

TEST(Session, what_the_kernel_took_later_is_timed_from_then) {
  Played played(3, 3);
  std::vector<char> room(played.session.room_to_write());
  played.session.top_up(played.now);
  std::string sent(played.session.to_write(played.now, room).data(), 3 * 64);
  played.session.wrote(64 + 10);  // one message, and the beginning of the next
  played.now += 5ms;
  EXPECT_EQ(played.session.to_write(played.now, room).size(), 2U * 64 - 10);
  played.session.wrote(2 * 64 - 10);
  EXPECT_TRUE(played.session.received(sent, played.now + 1ms));
  const Histogram& service = played.tally.service;
  EXPECT_EQ(service.count(), 3U);
  EXPECT_NEAR(service.mean(), (6e6 + 6e6 + 1e6) / 3, 1e4);
}

TEST(Session, a_message_like_all_others_may_be_answered_before_it_went) {
  Tally tally;
  const Wire wire("ping", true);
  Session session(wire, {.client = 5, .depth = 3, .share = 3}, tally);
  std::vector<char> room(64);
  const Clock::time_point now{1h};
  session.started(now, now);
  session.connected();
  session.top_up(now);
  EXPECT_EQ(session.to_write(now, room).size(), 12U);
  session.wrote(4);
  EXPECT_TRUE(session.received(std::string("pingping"), now + 1ms));
  EXPECT_EQ(session.to_write(now + 2ms, room).size(), 8U);
  session.wrote(8);
  EXPECT_TRUE(session.received(std::string("ping"), now + 5ms));
  EXPECT_TRUE(session.finished());
  EXPECT_NEAR(tally.service.mean(), (2 * 1e6 + 3e6) / 3, 1e4);
}

TEST(Session, a_client_that_gets_no_byte_has_starved) {
  Played played;
  played.top_up();
  played.session.lost(Cause::timeout, played.now + 5s);
  EXPECT_EQ(played.tally.errors[Cause::starved], 1U);
  EXPECT_EQ(played.tally.errors.total(), 1U);
  EXPECT_FALSE(played.tally.first_answers.at(0).served);
  EXPECT_EQ(played.tally.first_answers.at(0).wait, 5s);
}

TEST(Session, a_client_that_was_served_before_has_a_timeout) {
  Played played;
  played.session.received(played.top_up(), played.now);
  played.top_up();
  played.session.lost(Cause::timeout, played.now + 5s);
  EXPECT_EQ(played.tally.errors[Cause::timeout], 1U);
  EXPECT_EQ(played.tally.errors[Cause::starved], 0U);
}

TEST(Session, an_answer_that_is_still_coming_has_a_timeout) {
  Played played;
  const std::string message = played.top_up();
  played.session.received(message.substr(0, 20), played.now);
  played.session.received(message.substr(20, 20), played.now + 4s);
  played.session.lost(Cause::timeout, played.now + 5s);
  EXPECT_EQ(played.tally.errors[Cause::timeout], 1U);
  EXPECT_EQ(played.tally.errors[Cause::truncated], 0U);
}

TEST(Session, an_answer_that_never_ends_is_truncated) {
  Played played;
  played.session.received(played.top_up().substr(0, 40), played.now);
  played.session.lost(Cause::timeout, played.now + 5s);
  EXPECT_EQ(played.tally.errors[Cause::truncated], 1U);
  EXPECT_NE(played.tally.faults.at(0).note.find("40 of"), std::string::npos);
}

TEST(Session, accounts_for_every_message_when_a_connection_breaks) {
  Played played(3, 10);
  const std::string sent = played.top_up();
  played.session.received(sent.substr(0, 70), played.now);
  played.session.lost(Cause::closed, played.now);
  EXPECT_EQ(played.tally.answered, 1U);
  EXPECT_EQ(played.tally.failed, 2U);
  played.session.connected();
  const std::string more = played.top_up();
  EXPECT_EQ(more.substr(0, 16), "0000000500000003") << "the failed ones are not said again";
  played.session.received(more.substr(0, 64), played.now);
  played.session.cut(played.now);
  EXPECT_EQ(played.tally.unfinished, 2U);
  EXPECT_EQ(played.tally.sent,
            played.tally.answered + played.tally.failed + played.tally.unfinished);
}

TEST(Session, an_unfinished_message_stays_in_the_tail) {
  Played played;
  played.top_up();
  played.session.cut(played.now + 700ms);
  EXPECT_EQ(played.tally.unfinished, 1U);
  EXPECT_EQ(played.tally.service.max(), 700'000'000);
}

TEST(Session, a_wrong_byte_fails_one_message_and_the_connection_goes_on) {
  Played played(2, 2);
  std::string echoed = played.top_up();
  echoed[30] = '\x01';
  EXPECT_TRUE(played.session.received(echoed, played.now));
  EXPECT_EQ(played.tally.failed, 1U);
  EXPECT_EQ(played.tally.answered, 1U);
  EXPECT_EQ(played.tally.errors[Cause::corrupt], 1U);
  EXPECT_TRUE(played.session.finished());
}

TEST(Session, a_shifted_stream_ends_the_connection_and_counts_once) {
  Played played(4, 4);
  std::string echoed = played.top_up();
  echoed.erase(70, 3);
  EXPECT_FALSE(played.session.received(echoed, played.now));
  played.session.lost(Cause::broken, played.now);
  EXPECT_EQ(played.tally.errors[Cause::truncated], 1U);
  EXPECT_EQ(played.tally.errors.total(), 1U);
  EXPECT_EQ(played.tally.answered, 1U);
  EXPECT_EQ(played.tally.failed, 3U);
}

TEST(Session, stops_when_told) {
  Played played(1, 100);
  const std::string sent = played.top_up();
  played.session.stop();
  EXPECT_FALSE(played.session.finished());
  played.session.received(sent, played.now);
  EXPECT_EQ(played.top_up(), "");
  EXPECT_TRUE(played.session.finished());
}

}  // namespace
}  // namespace contend::loadgen
