// --message and --message-file: the user's own bytes instead of ours.
#include <gtest/gtest.h>

#include "core/file.hpp"

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using support::Peer;
using support::ScriptedServer;

TEST(GivenMessage, is_what_goes_over_the_wire_and_comes_back) {
  std::string seen;
  {
    ScriptedServer server([&seen](Peer& peer) {
      for (int i = 0; i < 3; ++i) {
        const std::string bytes = peer.read_exactly(7);
        seen += bytes;
        peer.write(bytes);
      }
      peer.read();
    });
    const Ran ran =
        run_loadgen({"-c", "1", "-n", "3", "--message", "h\\xc3\\xb6 ho\\n", server.target()});
    EXPECT_EQ(ran.exit.code, 0) << ran.text;
    EXPECT_EQ(ran.metric("bytes_verified"), 21);
  }
  EXPECT_EQ(seen, "hö ho\nhö ho\nhö ho\n");
}

TEST(GivenMessage, from_a_file_is_taken_byte_for_byte_at_any_depth) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto path = folder.path() / "message";
  std::string bytes(70'001, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
  ASSERT_TRUE(write_file(path, bytes));
  ScriptedServer server(support::echo);
  const Ran ran = run_loadgen(
      {"-c", "2", "-n", "20", "-p", "3", "--message-file", path.string(), server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("bytes_verified"), 20 * 70'001);
}

TEST(GivenMessage, that_comes_back_changed_is_located) {
  ScriptedServer server([](Peer& peer) {
    peer.write(peer.read_exactly(14));
    peer.read_exactly(14);
    peer.write("hello, wOrld!\n");
    peer.read();
  });
  const Ran ran =
      run_loadgen({"-c", "1", "-n", "2", "--message", "hello, world!\\n", server.target()});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("errors_corrupt"), 1) << ran.text;
  ASSERT_EQ(ran.only().findings.size(), 1U) << ran.text;
  EXPECT_NE(ran.only().findings[0].message.find("message 1, byte 22"), std::string::npos)
      << ran.only().findings[0].message;
}

TEST(GivenMessage, that_comes_back_short_is_not_taken_for_whole) {
  ScriptedServer server([](Peer& peer) {
    peer.write(peer.read_exactly(14).substr(0, 13));
    peer.read();
  });
  const Ran ran = run_loadgen({"-c", "1", "-n", "1", "--timeout", "300ms", "--message",
                               "hello, world!\\n", server.target()});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("errors_truncated"), 1) << ran.text;
}

TEST(GivenMessage, bad_usage_names_flag_and_value) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> bad{
      {{"--message", ""}, "--message"},
      {{"--message", "a\\q"}, "\\q"},
      {{"--message", "a", "-s", "64"}, "--message"},
      {{"--message", "a", "--payload", "text"}, "--message"},
      {{"--message", "a", "--message-file", "b"}, "--message"},
      {{"--message-file", "/dev/null"}, "/dev/null"}};
  for (const auto& [arguments, named] : bad) {
    std::vector<std::string> all = arguments;
    all.push_back("127.0.0.1:1");
    const Ran ran = run_loadgen(all);
    EXPECT_EQ(ran.exit.code, 64) << ran.text;
    EXPECT_NE(ran.text.find(named), std::string::npos) << ran.text;
  }
  const Ran ran = run_loadgen({"--message-file", "/no/such/file", "127.0.0.1:1"});
  EXPECT_EQ(ran.exit.code, 3);
  EXPECT_NE(ran.text.find("/no/such/file"), std::string::npos) << ran.text;
}

}  // namespace
}  // namespace contend::loadgen
