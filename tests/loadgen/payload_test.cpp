#include "loadgen/payload.hpp"

#include <set>

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

const Payload text(PayloadKind::text, 7);

TEST(Payload, is_printable_and_ends_in_a_newline) {
  for (const std::size_t size : {1U, 2U, 16U, 17U, 18U, 64U, 200'000U}) {
    const std::string bytes = text.bytes({3, 5}, size, 0, size);
    EXPECT_EQ(bytes.back(), '\n');
    for (const char byte : bytes.substr(0, size - 1)) ASSERT_TRUE(byte > ' ' && byte < 127);
  }
}

TEST(Payload, carries_client_and_number_in_hex) {
  EXPECT_EQ(text.bytes({0x1f, 0xabcd0123}, 64, 0, 16), "0000001fabcd0123");
  EXPECT_EQ(text.bytes({0x01234567, 0x89abcdef}, 64, 0, 16), "0123456789abcdef");
  EXPECT_EQ(text.bytes({0xfedcba98, 0x76543210}, 64, 0, 16), "fedcba9876543210");
  EXPECT_EQ(text.read_header("0000001fabcd0123…"), (MessageId{0x1f, 0xabcd0123}));
  EXPECT_EQ(text.read_header("0000001fabcd012"), std::nullopt);
  EXPECT_EQ(text.read_header("0000001gabcd0123"), std::nullopt);
}

TEST(Payload, is_the_same_in_pieces_as_in_one) {
  const std::size_t size = 140'000;  // longer than the ring it is cut from, twice
  const std::string whole = text.bytes({1, 2}, size, 0, size);
  std::string pieces;
  for (std::size_t at = 0, step = 1; at < size; at += step, step = step * 3 % 7919 + 1) {
    pieces += text.bytes({1, 2}, size, at, std::min(step, size - at));
  }
  EXPECT_EQ(pieces, whole);
}

TEST(Payload, differs_between_messages_clients_and_seeds) {
  std::set<std::string> bodies;
  for (std::uint32_t client = 0; client < 20; ++client) {
    for (std::uint32_t number = 0; number < 50; ++number) {
      bodies.insert(text.bytes({client, number}, 64, 16, 48));
    }
  }
  EXPECT_EQ(bodies.size(), 1000U);
  EXPECT_NE(Payload(PayloadKind::text, 8).bytes({0, 0}, 64, 16, 48),
            text.bytes({0, 0}, 64, 16, 48));
}

TEST(Payload, matches_itself_and_nothing_else) {
  for (const std::size_t size : {1U, 5U, 16U, 17U, 64U, 4096U, 70'000U}) {
    std::string bytes = text.bytes({9, 4}, size, 0, size);
    ASSERT_TRUE(text.matches({9, 4}, size, 0, bytes));
    for (std::size_t at = 0; at < size; at += 1 + size / 50) {
      bytes[at] = static_cast<char>(bytes[at] ^ 1);
      EXPECT_FALSE(text.matches({9, 4}, size, 0, bytes)) << at << " of " << size;
      bytes[at] = static_cast<char>(bytes[at] ^ 1);
    }
  }
}

TEST(Payload, binary_has_all_byte_values) {
  const std::string bytes = Payload(PayloadKind::binary, 1).bytes({0, 0}, 10'000, 16, 9'984);
  EXPECT_EQ(std::set<char>(bytes.begin(), bytes.end()).size(), 256U);
}

}  // namespace
}  // namespace contend::loadgen
