#include "loadgen/verifier.hpp"

#include <random>

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

constexpr std::uint32_t client = 3;

/// A client that has sent `begun` messages, and the stream that a right server would send back.
struct Stream {
  explicit Stream(const char* sizes = "64", std::uint64_t messages = 8)
      : wire(PayloadKind::text, *MessageSizes::parse(sizes), 42, true),
        verifier(wire, client),
        begun(messages) {
    verifier.restart(0);
    for (std::uint64_t number = 0; number < begun; ++number) bytes += message(number);
  }

  std::string message(std::uint64_t number, std::uint32_t of = client) const {
    const std::size_t size = wire.size_of({of, number});
    return wire.payload.bytes({of, number}, size, 0, size);
  }

  /// Feeds all of `text` in pieces of at most `most` bytes and returns every fault seen.
  std::vector<Fault> feed(const std::string& text, std::size_t most = 1 << 20) {
    std::vector<Fault> all;
    const auto keep = [&] {
      all.insert(all.end(), verifier.faults().begin(), verifier.faults().end());
      spoiled += verifier.spoiled().size();
    };
    for (std::size_t at = 0; at < text.size() && !verifier.broken(); at += most) {
      verifier.accept(std::string_view(text).substr(at, most), begun);
      keep();
    }
    if (!verifier.broken()) {
      verifier.conclude(begun);
      keep();
    }
    return all;
  }

  Wire wire;
  Verifier verifier;
  std::uint64_t begun;
  std::string bytes;
  std::size_t spoiled = 0;
};

Fault only(const std::vector<Fault>& faults) {
  EXPECT_EQ(faults.size(), 1U);
  return faults.empty() ? Fault{} : faults.front();
}

TEST(Verifier, accepts_the_right_stream_in_any_fragmentation) {
  for (const char* sizes : {"1", "5", "17", "64", "1..300", "4096", "70000"}) {
    for (const std::size_t piece : {1U, 7U, 64U, 1000U, 65536U}) {
      Stream stream(sizes);
      EXPECT_TRUE(stream.feed(stream.bytes, piece).empty()) << sizes << " in " << piece;
      EXPECT_EQ(stream.verifier.next(), 8U);
      EXPECT_EQ(stream.verifier.at(), 0U);
    }
  }
}

TEST(Verifier, names_place_and_bytes_of_a_flipped_bit) {
  Stream stream;
  const std::size_t place = 2 * 64 + 20;
  stream.bytes[place] = static_cast<char>(stream.bytes[place] ^ 4);
  const Fault fault = only(stream.feed(stream.bytes, 100));
  EXPECT_EQ(fault.cause, Cause::corrupt);
  EXPECT_EQ(fault.message, (MessageId{client, 2}));
  EXPECT_EQ(fault.offset, place);
  EXPECT_EQ(fault.got[0] ^ fault.wanted[0], 4);
  EXPECT_EQ(stream.spoiled, 1U);
  EXPECT_EQ(stream.verifier.next(), 8U) << "goes on behind it";
}

TEST(Verifier, counts_one_fault_for_each_spoiled_message_wherever_the_bit_is) {
  for (std::size_t place = 0; place < 64; ++place) {
    for (const std::size_t piece : {1U, 64U, 512U}) {
      Stream stream;
      for (const std::size_t number : {1U, 2U, 7U}) {
        stream.bytes[number * 64 + place] =
            static_cast<char>(stream.bytes[number * 64 + place] ^ 1);
      }
      const auto faults = stream.feed(stream.bytes, piece);
      ASSERT_EQ(faults.size(), 3U) << place;
      for (const Fault& fault : faults) EXPECT_EQ(fault.cause, Cause::corrupt) << place;
      EXPECT_EQ(stream.spoiled, 3U);
    }
  }
}

TEST(Verifier, missing_bytes_are_truncation) {
  for (const auto& [from, count] : std::vector<std::pair<std::size_t, std::size_t>>{
           {100, 1}, {70, 30}, {127, 1}, {64, 64}, {130, 100}, {64, 5}}) {
    Stream stream;
    stream.bytes.erase(from, count);
    const Fault fault = only(stream.feed(stream.bytes));
    EXPECT_EQ(fault.cause, Cause::truncated) << from << "+" << count << " " << describe(fault);
    EXPECT_EQ(fault.message.number, from / 64);
    EXPECT_TRUE(stream.verifier.broken());
  }
}

TEST(Verifier, a_message_twice_is_duplication) {
  Stream stream;
  const Fault fault = only(stream.feed(stream.bytes.insert(128, stream.message(1)), 64));
  EXPECT_EQ(fault.cause, Cause::duplicated);
  EXPECT_EQ(fault.message.number, 2U);
  EXPECT_EQ(fault.offset, 143U) << "the first digit that differs from the number before";
}

TEST(Verifier, a_message_twice_at_the_end_is_duplication) {
  Stream stream;
  EXPECT_EQ(only(stream.feed(stream.bytes + stream.message(7))).cause, Cause::duplicated);
}

TEST(Verifier, swapped_messages_are_reordering) {
  Stream stream;
  const std::string swapped = stream.message(0) + stream.message(2) + stream.message(1);
  const Fault fault = only(stream.feed(swapped + stream.bytes.substr(3 * 64), 30));
  EXPECT_EQ(fault.cause, Cause::reordered);
  EXPECT_EQ(fault.message.number, 1U);
}

TEST(Verifier, swapped_halves_of_a_message_are_reordering) {
  Stream stream;
  const std::string message = stream.message(1);
  const Fault fault =
      only(stream.feed(stream.message(0) + message.substr(32) + message.substr(0, 32)));
  EXPECT_EQ(fault.cause, Cause::reordered);
  EXPECT_EQ(fault.message.number, 1U);
}

TEST(Verifier, bytes_of_another_client_are_named_with_it) {
  Stream stream;
  const Fault fault = only(stream.feed(stream.message(0) + stream.message(5, 9)));
  EXPECT_EQ(fault.cause, Cause::foreign);
  EXPECT_NE(fault.note.find("client 9, message 5"), std::string::npos) << fault.note;
}

TEST(Verifier, the_middle_of_another_clients_long_message_is_foreign) {
  Stream stream("4096");
  const Fault fault =
      only(stream.feed(stream.bytes.substr(0, 1000) + stream.message(5, 9).substr(2000)));
  EXPECT_EQ(fault.cause, Cause::foreign);
  EXPECT_EQ(fault.offset, 1000U);
}

TEST(Verifier, bytes_nobody_sent_are_surplus) {
  Stream inserted;
  EXPECT_EQ(only(inserted.feed(inserted.bytes.insert(64, "~~~ hello ~~~"))).cause, Cause::surplus);
  Stream at_end;
  const Fault fault = only(at_end.feed(at_end.bytes + "HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_EQ(fault.cause, Cause::surplus);
  EXPECT_EQ(fault.got, "HTTP/1.1 400 Bad");
}

TEST(Verifier, an_answer_of_another_kind_is_corrupt_and_ends_the_connection) {
  Stream stream;
  EXPECT_EQ(only(stream.feed(std::string(200, '?'))).cause, Cause::corrupt);
  EXPECT_TRUE(stream.verifier.broken());
}

TEST(Verifier, starts_afresh_on_another_connection) {
  Stream stream;
  stream.feed(std::string(200, '?'));
  stream.verifier.restart(4);
  EXPECT_TRUE(stream.feed(stream.bytes.substr(4 * 64)).empty());
  EXPECT_EQ(stream.verifier.next(), 8U);
}

TEST(Verifier, off_counts_bytes_only) {
  Stream stream;
  stream.wire.verify = false;
  EXPECT_TRUE(stream.feed(std::string(8 * 64, '?'), 33).empty());
  EXPECT_EQ(stream.verifier.next(), 8U);
}

/// Whatever the damage, something is reported and nothing runs away.
TEST(Verifier, no_damage_goes_unseen) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 2000; ++round) {
    Stream stream(round % 2 == 0 ? "64" : "20..500");
    const std::size_t at = random() % (stream.bytes.size() - 64);
    std::string damaged = stream.bytes;
    switch (random() % 4) {
      case 0:
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 7));
        break;
      case 1:
        damaged.erase(at, 1 + random() % 60);
        break;
      case 2:
        damaged.insert(at, damaged.substr(random() % at, 20));
        break;
      default:
        damaged.insert(at, std::string(1 + random() % 40, '\x01'));
    }
    if (damaged == stream.bytes) continue;
    const bool seen = !stream.feed(damaged, 1 + random() % 200).empty();
    EXPECT_TRUE(seen || stream.verifier.next() < 8 || stream.verifier.at() > 0)
        << "round " << round;
  }
}

}  // namespace
}  // namespace contend::loadgen
