#include "loadgen/datagram_session.hpp"

#include <string>

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

/// A client with its own clock and no network.
struct Talk {
  explicit Talk(std::size_t depth = 4, const char* sizes = "64", bool look = true,
                bool open_loop = false)
      : wire(PayloadKind::text, *MessageSizes::parse(sizes), 42, look),
        session(wire, {.client = 3, .depth = depth, .share = 1000, .open_loop = open_loop}, tally) {
    session.started(now, {});
  }

  /// Sends what may be sent; how many that were.
  std::size_t send() {
    std::size_t count = 0;
    for (; !session.next().empty(); ++count) session.sent(now);
    return count;
  }
  void receive(const std::string& datagram) { session.received(datagram, now); }
  std::string message(std::uint64_t number, std::uint32_t of = 3) const {
    const std::size_t size = wire.size_of({of, number});
    return wire.payload.bytes({of, number}, size, 0, size);
  }
  void expect_balance() const {
    EXPECT_EQ(tally.sent, tally.answered + tally.failed + tally.unfinished);
  }

  Clock::time_point now = Clock::time_point(1h);
  Tally tally;
  Wire wire;
  DatagramSession session;
};

TEST(DatagramSession, keeps_its_depth_in_flight) {
  Talk talk;
  EXPECT_EQ(talk.send(), 4U);
  talk.receive(talk.message(0));
  talk.receive(talk.message(1));
  EXPECT_EQ(talk.tally.answered, 2U);
  EXPECT_EQ(talk.tally.bytes_verified, 128U);
  EXPECT_EQ(talk.send(), 2U);
  EXPECT_EQ(talk.tally.errors.total(), 0U);
}

TEST(DatagramSession, takes_answers_in_any_order_and_says_so) {
  for (const char* sizes : {"64", "9", "20..300"}) {
    Talk talk(4, sizes);
    talk.send();
    for (const std::uint64_t number : {2U, 0U, 3U, 1U}) talk.receive(talk.message(number));
    EXPECT_EQ(talk.tally.answered, 4U) << sizes;
    EXPECT_EQ(talk.tally.datagrams_reordered, 2U) << sizes;
    EXPECT_EQ(talk.tally.errors.total(), 0U) << sizes;
  }
}

TEST(DatagramSession, counts_what_did_not_come_back_as_lost_and_goes_on) {
  Talk talk;
  talk.send();
  talk.receive(talk.message(1));
  talk.now += 1s;
  EXPECT_EQ(talk.session.give_up(talk.now), 3U);
  EXPECT_EQ(talk.tally.errors[Cause::lost], 3U);
  EXPECT_EQ(talk.tally.failed, 3U);
  EXPECT_EQ(talk.tally.faults.front().message, (MessageId{3, 0}));
  EXPECT_EQ(talk.send(), 4U);
  talk.receive(talk.message(2));
  EXPECT_EQ(talk.tally.datagrams_late, 1U) << "it is lost all the same, but not for ever";
  EXPECT_EQ(talk.tally.errors.total(), 3U);
  talk.session.cut(talk.now);
  talk.expect_balance();
}

TEST(DatagramSession, tells_a_second_answer_from_a_first) {
  for (const char* sizes : {"64", "9"}) {
    Talk talk(4, sizes);
    talk.send();
    talk.receive(talk.message(0));
    talk.receive(talk.message(0));
    EXPECT_EQ(talk.tally.errors[Cause::duplicated], 1U) << sizes;
    EXPECT_EQ(talk.tally.errors.total(), 1U) << sizes;
    EXPECT_EQ(talk.tally.answered, 1U) << sizes;
    EXPECT_EQ(talk.tally.failed, 0U) << sizes;
  }
}

TEST(DatagramSession, finds_the_message_that_a_flipped_bit_belongs_to) {
  for (std::size_t at = 0; at < 64; ++at) {
    Talk talk;
    talk.send();
    std::string wrong = talk.message(2);
    wrong[at] = static_cast<char>(wrong[at] ^ 1);
    talk.receive(wrong);
    ASSERT_EQ(talk.tally.errors[Cause::corrupt], 1U) << at;
    EXPECT_EQ(talk.tally.faults.front().message, (MessageId{3, 2})) << at;
    EXPECT_EQ(talk.tally.faults.front().got[0] ^ talk.tally.faults.front().wanted[0], 1) << at;
    for (const std::uint64_t number : {0U, 1U, 3U}) talk.receive(talk.message(number));
    EXPECT_EQ(talk.tally.answered, 3U) << at;
    EXPECT_EQ(talk.tally.errors.total(), 1U) << at;
  }
}

struct Damage {
  const char* name;
  std::string (*of)(const Talk& talk);
  Cause cause;
};

TEST(DatagramSession, names_every_other_damage) {
  const std::vector<Damage> all{
      {"half", [](const Talk& t) { return t.message(0).substr(0, 32); }, Cause::truncated},
      {"nothing", [](const Talk&) { return std::string(); }, Cause::truncated},
      {"more", [](const Talk& t) { return t.message(0) + "!"; }, Cause::surplus},
      {"halves swapped",
       [](const Talk& t) { return t.message(0).substr(32) + t.message(0).substr(0, 32); },
       Cause::reordered},
      {"another's", [](const Talk& t) { return t.message(0, 7); }, Cause::foreign},
      {"not sent yet", [](const Talk& t) { return t.message(9); }, Cause::surplus},
      {"noise", [](const Talk&) { return std::string(64, '#'); }, Cause::corrupt}};
  for (const Damage& damage : all) {
    Talk talk(1);
    talk.send();
    talk.receive(damage.of(talk));
    EXPECT_EQ(talk.tally.errors[damage.cause], 1U) << damage.name;
    EXPECT_EQ(talk.tally.errors.total(), 1U) << damage.name;
    EXPECT_EQ(talk.tally.failed, 1U) << damage.name;
    EXPECT_EQ(talk.tally.faults.front().message, (MessageId{3, 0})) << damage.name;
    EXPECT_EQ(talk.send(), 1U) << "the next message is not touched by it";
    talk.receive(talk.message(1));
    EXPECT_EQ(talk.tally.answered, 1U) << damage.name;
    talk.expect_balance();
  }
}

TEST(DatagramSession, what_nobody_waits_for_fails_no_message) {
  Talk talk(1);
  talk.send();
  talk.receive(talk.message(0));
  talk.receive("hello");
  EXPECT_EQ(talk.tally.errors[Cause::surplus], 1U);
  EXPECT_EQ(talk.tally.failed, 0U);
}

TEST(DatagramSession, remembers_through_a_long_wait_who_is_outstanding) {
  Talk talk(2);
  talk.send();
  for (std::uint64_t number = 1; number < 900; ++number) {  // message 0 is on its way all the time
    talk.receive(talk.message(number));
    talk.send();
  }
  EXPECT_EQ(talk.tally.answered, 899U);
  talk.receive(talk.message(0));
  EXPECT_EQ(talk.tally.answered, 900U);
  EXPECT_EQ(talk.tally.datagrams_reordered, 1U);
  EXPECT_EQ(talk.tally.errors.total(), 0U);
}

TEST(DatagramSession, an_open_loop_counts_from_the_due_time) {
  Talk talk(1, "64", true, true);
  EXPECT_EQ(talk.send(), 0U) << "nothing is due";
  talk.session.add_due(talk.now);
  talk.session.add_due(talk.now);
  talk.now += 1s;
  EXPECT_EQ(talk.send(), 1U) << "the second waits for the first";
  talk.now += 1s;
  talk.receive(talk.message(0));
  EXPECT_EQ(talk.send(), 1U);
  EXPECT_GE(talk.tally.intended.max(), 1'990'000'000);
  EXPECT_LE(talk.tally.service.max(), 1'010'000'000);
  talk.now += 1s;
  talk.session.cut(talk.now);
  EXPECT_EQ(talk.tally.unfinished, 1U);
  EXPECT_GE(talk.tally.intended.max(), 2'990'000'000) << "a lower bound stays in the tail";
  talk.expect_balance();
}

TEST(DatagramSession, sends_again_what_went_to_a_wrong_address) {
  for (const bool open_loop : {false, true}) {
    Talk talk(2, "64", true, open_loop);
    for (int i = 0; i < 3 && open_loop; ++i) talk.session.add_due(talk.now);
    EXPECT_EQ(talk.send(), 2U);
    talk.session.take_back();
    EXPECT_EQ(talk.tally.sent, 0U);
    EXPECT_EQ(talk.tally.bytes_sent, 0U);
    EXPECT_EQ(talk.send(), 2U);
    talk.receive(talk.message(0));
    talk.receive(talk.message(1));
    EXPECT_EQ(talk.tally.answered, 2U);
    EXPECT_EQ(talk.tally.errors.total(), 0U);
  }
}

TEST(DatagramSession, without_looking_counts_only) {
  Talk talk(1, "64", false);
  talk.send();
  talk.receive("anything");
  EXPECT_EQ(talk.tally.answered, 1U);
  EXPECT_EQ(talk.tally.errors.total(), 0U);
}

}  // namespace
}  // namespace contend::loadgen
