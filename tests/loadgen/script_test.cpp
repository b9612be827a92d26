#include "loadgen/script.hpp"

#include <gtest/gtest.h>

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using support::Peer;
using support::ScriptedServer;

TEST(Script, is_read_step_by_step) {
  const auto script = parse_script(
      "# a comment\n"
      "send \"AUTH \\x41\\r\\n\"\n"
      "expect \"+OK\\n\"\n"
      "repeat\n"
      "  send \"GET {id}\\n\"  \n"
      "expect-match \"len=(\\d+)\\s\" until \"\\n\"\n"
      "expect-length {1}\n"
      "expect-length 4k\n",
      "x");
  ASSERT_TRUE(script) << script.error().message;
  ASSERT_EQ(script->steps.size(), 6U);
  EXPECT_EQ(script->repeat_from, 2U);
  EXPECT_EQ(script->steps[0].text, "AUTH A\r\n");
  EXPECT_EQ(script->steps[3].line, 6U);
  EXPECT_EQ(script->steps[3].pattern->search("xlen=17 \n").first_group, "17");
  EXPECT_FALSE(script->steps[3].pattern->search("len=\n").found);
  EXPECT_FALSE(script->steps[4].length);
  EXPECT_EQ(script->steps[5].length, 4096U);
  EXPECT_EQ(script->largest_send(), 9U);
}

TEST(Script, that_makes_no_sense_is_one_sentence_with_its_line) {
  const std::vector<std::pair<std::string, std::string>> bad{
      {"", "begin with send"},
      {"expect \"a\"\n", "begin with send"},
      {"send \"a\"\n", "must expect"},
      {"send \"a\"\nexpect \"b\"\nrepeat\n", "begin with send"},
      {"send a\n", "x line 1: a text in"},
      {"send \"a\n", "x line 1: a quote"},
      {"\nsend \"\\q\"\n", "x line 2: \"\\q\""},
      {"send \"\"\n", "x line 1: the text is empty"},
      {"send \"a\" b\n", "x line 1: \"b\" is too much"},
      {"send \"a\"\nexpect-length 0\n", "x line 2: \"0\""},
      {"send \"a\"\nexpect-length {1}\n", "x line 2: {1}"},
      {"send \"a\"\nexpect-match \"(\" until \"b\"\n", "x line 2"},
      {"send \"a\"\nexpect-match \"c\"\n", "x line 2: until"},
      {"jump \"a\"\n", "\"jump\" is none of"}};
  for (const auto& [text, said] : bad) {
    const auto script = parse_script(text, "x");
    ASSERT_FALSE(script) << text;
    EXPECT_NE(script.error().message.find(said), std::string::npos) << script.error().message;
  }
}

/// Runs loadgen with a script of these steps against a server of the test's.
Ran converse(const std::string& steps, ScriptedServer::Script server,
             std::vector<std::string> more = {"-c", "2", "-n", "20"}) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto path = folder.path() / "steps";
  EXPECT_TRUE(write_file(path, steps));
  ScriptedServer listening(std::move(server));
  more.insert(more.end(), {"--script", path.string(), listening.target()});
  return run_loadgen(more);
}

constexpr const char* counting =
    "send \"hello\\n\"\n"
    "expect \"welcome\\n\"\n"
    "repeat\n"
    "send \"{id}\\n\"\n"
    "expect \"{id}=\"\n"
    "expect-match \"^(\\d+):$\" until \":\"\n"
    "expect-length {1}\n"
    "send \"thanks\\n\"\n"
    "expect-length 3\n";

/// Speaks that protocol, but for what `spoil` does to the answer of message `number`.
ScriptedServer::Script counting_server(std::function<void(std::string&, int)> spoil) {
  return [spoil](Peer& peer) {
    peer.read_exactly(6);
    peer.write("welcome\n");
    for (int number = 0;; ++number) {
      const std::string line = peer.read_exactly(17);
      if (line.empty()) return;
      const int length = number % 3;
      std::string answer = line.substr(0, 16) + "=" + std::to_string(length) + ":" +
                           std::string(static_cast<std::size_t>(length), 'x');
      spoil(answer, number);
      peer.write(answer.substr(0, 5));
      peer.write(answer.substr(5));
      peer.read_exactly(7);
      peer.write("yes");
    }
  };
}

TEST(Script, verifies_a_protocol_of_its_own) {
  const Ran ran = converse(counting, counting_server([](std::string&, int) {}));
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 20);
  EXPECT_EQ(ran.metric("connections"), 2);
  EXPECT_NE(ran.only().reason.find("each as the script expects"), std::string::npos) << ran.text;
}

TEST(Script, locates_a_wrong_literal_with_line_and_bytes) {
  const Ran ran = converse(counting, counting_server([](std::string& answer, int number) {
                             if (number == 4) answer[16] = '#';
                           }),
                           {"-c", "1", "-n", "8"});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("errors_unexpected"), 1) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 7) << "it went on over another connection";
  ASSERT_EQ(ran.only().findings.size(), 1U);
  const std::string& said = ran.only().findings[0].message;
  EXPECT_NE(said.find("message 4, byte"), std::string::npos) << said;
  EXPECT_NE(said.find("wanted 3d, got 23"), std::string::npos) << said;
  EXPECT_NE(said.find("line 5"), std::string::npos) << said;
}

TEST(Script, sees_what_does_not_match_and_what_is_too_much) {
  const Ran wrong = converse(counting, counting_server([](std::string& answer, int number) {
                               if (number == 4) answer[17] = 'x';
                             }),
                             {"-c", "1", "-n", "8"});
  EXPECT_EQ(wrong.metric("errors_unexpected"), 1) << wrong.text;
  EXPECT_NE(wrong.text.find("line 6: this does not match"), std::string::npos) << wrong.text;
  const Ran more = converse("send \"a\"\nexpect \"b\"\n", [](Peer& peer) {
    for (int i = 0; !peer.read_exactly(1).empty(); ++i) peer.write(i == 3 ? "bc" : "b");
  });
  EXPECT_EQ(more.exit.code, 1) << more.text;
  EXPECT_GE(more.metric("errors_surplus"), 1) << more.text;
}

TEST(Script, waits_no_longer_than_its_timeout) {
  const Ran ran = converse("send \"a\"\nexpect \"bb\"\n",
                           [](Peer& peer) {
                             peer.read_exactly(1);
                             peer.write("b");
                             peer.read();
                           },
                           {"-c", "1", "-n", "1", "--timeout", "300ms"});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("errors_timeout"), 1) << ran.text;
}

TEST(Script, redis_answers_as_the_shipped_script_expects) {
  if (!testing::is_installed("redis-server")) GTEST_SKIP() << "redis-server is not installed";
  const Ran ran = run_loadgen({"-c", "10", "-n", "1000", "--script", "redis", "--spawn",
                               "redis-server --port {port} --bind 127.0.0.1 --save '' "
                               "--appendonly no --daemonize no"});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 1000) << ran.text;
  EXPECT_EQ(ran.metric("bytes_verified"), 1000 * (7 + 23)) << ran.text;
}

TEST(Script, http_server_of_python_answers_as_the_shipped_script_expects) {
  if (!testing::is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  const Ran ran = run_loadgen({"-c", "4", "-n", "200", "--script", "http", "--spawn",
                               "python3 -m http.server --bind 127.0.0.1 --protocol HTTP/1.1 "
                               "--directory /usr/share/common-licenses {port}"});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 200) << ran.text;
  EXPECT_EQ(ran.metric("connections"), 4) << ran.text;
}

TEST(Script, http_server_that_says_no_is_caught) {
  if (!testing::is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  const Ran ran = run_loadgen({"-c", "1", "-n", "1", "--script", "http", "--spawn",
                               "python3 -m http.server --bind 127.0.0.1 --protocol HTTP/1.1 "
                               "--directory /no/such/folder {port}"});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("errors_unexpected"), 1) << ran.text;
}

TEST(Script, memcached_is_spoken_word_for_word) {
  const auto server = [](bool whole) {
    return [whole](Peer& peer) {
      while (true) {
        const std::string stored = peer.read_exactly(48);  // "set KEY 0 60 16\r\nVALUE\r\n"
        if (stored.empty()) return;
        peer.write("STORED\r\n");
        const std::string get = peer.read_exactly(22);
        if (get.empty()) return;
        const std::string key = get.substr(4, 16);
        const std::string value = whole ? stored.substr(30, 16) : std::string(16, '0');
        peer.write("VALUE " + key + " 0 16\r\n" + value + "\r\nEND\r\n");
      }
    };
  };
  ScriptedServer good(server(true));
  const Ran fine = run_loadgen({"-c", "2", "-n", "50", "--script", "memcached", good.target()});
  EXPECT_EQ(fine.exit.code, 0) << fine.text;
  ScriptedServer bad(server(false));
  const Ran wrong = run_loadgen({"-c", "2", "-n", "50", "--script", "memcached", bad.target()});
  EXPECT_EQ(wrong.exit.code, 1) << wrong.text;
  EXPECT_GE(wrong.metric("errors_unexpected"), 1) << wrong.text;
}

TEST(Script, bad_usage_names_flag_and_value) {
  const std::vector<std::vector<std::string>> bad{{"--script", "redis", "-p", "2"},
                                                  {"--script", "redis", "-s", "10"},
                                                  {"--script", "redis", "--message", "x"}};
  for (const auto& arguments : bad) {
    std::vector<std::string> all = arguments;
    all.push_back("127.0.0.1:1");
    const Ran ran = run_loadgen(all);
    EXPECT_EQ(ran.exit.code, 64) << ran.text;
  }
  const Ran ran = run_loadgen({"--script", "gopher", "127.0.0.1:1"});
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_NE(ran.text.find("gopher"), std::string::npos) << ran.text;
}

}  // namespace
}  // namespace contend::loadgen
