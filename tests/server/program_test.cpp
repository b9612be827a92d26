// The program as a user and a script see it: the line that says it is ready, signals, exit codes.
#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/host.hpp"

#include "client.hpp"
#include "running_server.hpp"
#include "server_program.hpp"

namespace contend::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Program = EveryModel;

std::string only_line(const std::string& text) {
  EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
  return text;
}

bool can_connect(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return connected;
}

TEST_P(Program, says_where_it_listens_and_ends_cleanly_when_told) {
  for (const int signal : {SIGTERM, SIGINT}) {
    ServerProgram server({"--model", GetParam()});
    EXPECT_EQ(server.output(), "listening on 127.0.0.1:" + std::to_string(server.port()) + "\n");
    server.signal(signal);
    EXPECT_EQ(server.wait().code, 0) << server.complaint();
  }
}

TEST_P(Program, finishes_what_has_arrived_before_it_ends) {
  ServerProgram server({"--model", GetParam(), "--delay", "200ms", "--drain", "30s"});
  Client client(server.port());
  client.send("in flight");
  // The answer is still being delayed when the signal comes.
  ASSERT_TRUE(becomes_true([&] { return server.stats_now().at("bytes_in") == 9; }));
  server.signal(SIGTERM);
  EXPECT_EQ(client.receive_all(), "in flight");
  EXPECT_EQ(server.wait().code, 0);
  EXPECT_EQ(server.stats().at("connections_closed").at("drained"), 1);
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0);
}

TEST_P(Program, cuts_a_stuck_client_at_the_deadline_and_says_so_by_its_exit_code) {
  ServerProgram server({"--model", GetParam(), "--delay", "1h", "--drain", "300ms"});
  Client client(server.port());
  client.send("x");
  ASSERT_TRUE(becomes_true([&] { return server.stats_now().at("bytes_in") == 1; }));
  EXPECT_EQ(server.stop().code, 1);
  EXPECT_EQ(server.stats().at("connections_closed").at("cut"), 1);
  EXPECT_EQ(server.stats().at("bytes_owed"), 1);
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0);
}

TEST_P(Program, stops_at_once_on_a_second_signal_and_still_writes_its_books) {
  ServerProgram server({"--model", GetParam(), "--delay", "1h", "--drain", "1h"});
  Client client(server.port());
  client.send("x");
  ASSERT_TRUE(becomes_true([&] { return server.stats_now().at("bytes_in") == 1; }));
  server.signal(SIGTERM);
  server.signal(SIGINT);
  EXPECT_EQ(server.wait().code, 130);
  EXPECT_EQ(server.stats().at("bytes_owed"), 1);
}

TEST_P(Program, goes_on_and_ends_where_nobody_reads_its_statistics) {
  ServerProgram server({"--model", GetParam()});
  const std::string pipe = server.folder() / "stats.json";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  server.signal(SIGUSR1);
  ASSERT_TRUE(becomes_true([&] { return !server.complaint().empty(); }));
  {
    Client client(server.port());
    EXPECT_EQ(client.exchange("still here"), "still here");
  }
  EXPECT_EQ(server.stop().code, 3);
  EXPECT_THAT(server.complaint(), HasSubstr("writing " + pipe + ": No such device or address"));
}

TEST_P(Program, says_in_one_sentence_that_the_port_is_in_use) {
  ServerProgram first({"--model", GetParam()});
  const ScratchFolder folder = ScratchFolder::make().value();
  const std::string port = std::to_string(first.port());
  EXPECT_EQ(run_server({"--model", GetParam(), "--port", port}, folder).code, 3);
  EXPECT_THAT(only_line(read_file(folder.path() / "stderr").value()),
              HasSubstr("127.0.0.1:" + port + ": Address already in use"));
}

TEST_P(Program, binds_again_at_once_while_old_connections_linger) {
  std::string port;
  {
    ServerProgram server({"--model", GetParam()});
    port = std::to_string(server.port());
    Client client(server.port());
    EXPECT_EQ(client.exchange("x"), "x");
    server.signal(SIGTERM);  // The server closes first, so that its end is the one in TIME_WAIT.
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_EQ(server.wait().code, 0);
  }
  ServerProgram again({"--model", GetParam(), "--port", port});
  EXPECT_EQ(std::to_string(again.port()), port) << again.complaint();
  EXPECT_EQ(again.stop().code, 0);
}

TEST_P(Program, counts_each_strike_of_a_fault_that_is_planted_twice) {
  ServerProgram server({"--model", GetParam(), "--fault", "corrupt", "--fault", "corrupt"});
  {
    Client client(server.port());
    EXPECT_EQ(client.exchange("12345678").size(), 8U);
  }
  EXPECT_EQ(server.stop().code, 0);
  EXPECT_GE(server.stats().at("faults_injected").to_number<int>(), 2);
  EXPECT_EQ(server.stats().at("faults").at("corrupt"), server.stats().at("faults_injected"));
}

using ConcurrentProgram = EveryConcurrentModel;

TEST_P(ConcurrentProgram, completes_its_answers_when_told_to_end_under_load) {
  ServerProgram server({"--model", GetParam(), "--drain", "30s"});
  std::atomic<int> half_answers = 0;
  std::atomic<int> answers = 0;
  std::vector<std::thread> clients;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    clients.emplace_back([&, seed, client = Client(server.port())]() mutable {
      const std::string sent = noise(64, seed);
      while (::send(client.descriptor(), sent.data(), sent.size(), MSG_NOSIGNAL) > 0) {
        const std::string answer = client.receive(sent.size());
        if (answer.empty()) break;
        if (answer != sent) ++half_answers;
        ++answers;
      }
    });
  }
  EXPECT_TRUE(becomes_true([&] { return answers > 1000; }));
  EXPECT_EQ(server.stop().code, 0);
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(half_answers, 0);
  EXPECT_EQ(server.stats().at("connections_closed").at("cut"), 0);
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0);
  EXPECT_EQ(server.stats().at("bytes_owed"), 0);
}

TEST_P(ConcurrentProgram, accepts_nobody_any_more_while_it_drains) {
  ServerProgram server({"--model", GetParam(), "--delay", "1h", "--drain", "1h"});
  Client client(server.port());
  client.send("x");
  ASSERT_TRUE(becomes_true([&] { return server.stats_now().at("bytes_in") == 1; }));
  server.signal(SIGTERM);
  EXPECT_TRUE(becomes_true([&] { return !can_connect(server.port()); }));
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().code, 130);
}

TEST_P(ConcurrentProgram, loses_nobody_while_it_is_stopped_for_a_while) {
  ServerProgram server({"--model", GetParam()});
  std::vector<Client> clients;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(clients.emplace_back(server.port()).exchange("a"), "a");
  server.signal(SIGSTOP);
  for (Client& client : clients) client.send("b");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  server.signal(SIGCONT);
  for (Client& client : clients) EXPECT_EQ(client.receive(1), "b");
  clients.clear();
  EXPECT_EQ(server.stop().code, 0);
}

TEST_P(ConcurrentProgram, waits_without_spinning_when_descriptors_run_out) {
  constexpr int limit = 40;
  ServerProgram server({"--model", GetParam()}, "echo-server", {}, limited("n", limit));
  std::vector<Client> clients;
  EXPECT_EQ(clients.emplace_back(server.port()).exchange("first"), "first");
  const std::ptrdiff_t room = limit - (server.open_descriptors() - 1);
  for (int i = 1; i < 60; ++i) clients.emplace_back(server.port());
  // The statistics are a file too, and are written although no descriptor is left.
  ASSERT_TRUE(becomes_true(
      [&] { return server.stats_now().at("accept_errors").as_object().contains("EMFILE"); }));
  EXPECT_EQ(clients.front().exchange("unharmed"), "unharmed");
  clients.erase(clients.begin(), clients.end() - room);
  for (Client& client : clients) EXPECT_EQ(client.exchange("late"), "late");
  clients.clear();
  EXPECT_EQ(server.stop().code, 0);
  const int errors = server.stats().at("accept_errors").at("EMFILE").to_number<int>();
  EXPECT_GE(errors, 1);
  EXPECT_LT(errors, 1000) << "it spins";
}

/// How many limits are too low for a server with these arguments, each of which it must say.
int refusals_for_descriptors(const std::vector<std::string>& arguments) {
  constexpr int lowest = 6;
  for (int limit = lowest; limit < 40; ++limit) {
    ServerProgram server(arguments, "echo-server", {}, limited("n", limit));
    if (server.port() != 0) {
      EXPECT_EQ(server.stop().code, 0) << limit;
      return limit - lowest;
    }
    EXPECT_EQ(server.wait().code, 3) << limit;
    EXPECT_THAT(server.complaint(), HasSubstr("Too many open files")) << limit;
  }
  ADD_FAILURE() << "it never started";
  return 0;
}

TEST_P(Program, says_that_it_has_too_few_descriptors_whatever_it_needs_the_next_one_for) {
  EXPECT_GT(refusals_for_descriptors({"--model", GetParam(), "--threads", "2"}), 0);
  if (!server::find_model(GetParam())->datagrams) return;
  EXPECT_GT(refusals_for_descriptors({"--model", GetParam(), "--threads", "2", "--udp"}), 0);
}

TEST_P(Program, holds_no_more_than_its_buffer_for_a_client_that_never_reads) {
  if (std::string_view(this_sanitizer()) != "none") GTEST_SKIP() << "a sanitizer needs memory";
  ServerProgram server({"--model", GetParam()});
  EXPECT_EQ(Client(server.port()).exchange("warm up"), "warm up");
  const auto peak = [&] {
    return server.stats_now().at("peak_memory_bytes").to_number<std::int64_t>();
  };
  const std::int64_t before = peak();
  Client client(server.port());
  EXPECT_GT(client.stuff(), 64U * 1024);
  EXPECT_LT(peak() - before, 1024 * 1024);
  client.close();
  EXPECT_EQ(server.stop().code, 0);
}

struct BadInput {
  std::vector<std::string> arguments;
  int code;
  std::string sentence;
};

TEST(Program, names_the_flag_and_the_value_that_are_wrong) {
  const std::vector<BadInput> cases{
      {{"--model", "telepathy"}, 64, "--model: there is no model \"telepathy\""},
      {{"--port", "65536"}, 64, "--port: \"65536\" is not a port"},
      {{"--port", "http"}, 64, "--port: \"http\" is not a port"},
      {{"--chunk", "0"}, 64, "--chunk: \"0\" is not a read size"},
      {{"--delay", "soon"}, 64, "--delay: "},
      {{"--counter", "abacus"}, 64, "--counter: \"abacus\" is not one of"},
      {{"--threads", "0"}, 64, "--threads: \"0\" is not a number of threads"},
      {{"--max-connections", "-1"}, 64, "--max-connections: \"-1\" is not a number"},
      {{"--idle-timeout", "0s"}, 64, "--idle-timeout: \"0s\" is not a timeout"},
      {{"--fault", "gremlin"}, 64, "--fault: there is no fault \"gremlin\""},
      {{"--fault", "drop:2"}, 64, "--fault: \"2\" is not a probability"},
      {{"--fault", "drop:often"}, 64, "--fault: \"often\" is not a probability"},
      {{"--seed", "-1"}, 64, "--seed: \"-1\" is not a whole number"},
      {{"--seed", "18446744073709551616"},
       64,
       "--seed: \"18446744073709551616\" is not a whole number"},
      {{"--frobnicate"}, 64, "--frobnicate"},
      {{"--host", "not.a.host.invalid"}, 3, "--host not.a.host.invalid: "},
      {{"--host", "192.0.2.1"}, 3, "192.0.2.1:0: Cannot assign requested address"},
      {{"--stats", "/no/such/folder/stats.json"}, 3, "/no/such/folder"},
  };
  for (const BadInput& bad : cases) {
    const ScratchFolder folder = ScratchFolder::make().value();
    EXPECT_EQ(run_server(bad.arguments, folder).code, bad.code) << bad.sentence;
    const std::string said = only_line(read_file(folder.path() / "stderr").value());
    EXPECT_THAT(said, StartsWith("echo-server: "));
    EXPECT_THAT(said, HasSubstr(bad.sentence));
  }
}

TEST(Program, lists_its_models_and_what_each_teaches) {
  const ScratchFolder folder = ScratchFolder::make().value();
  EXPECT_EQ(run_server({"--list"}, folder).code, 0);
  const std::string list = read_file(folder.path() / "stdout").value();
  for (const std::string& name : every_model()) EXPECT_THAT(list, HasSubstr(name + " "));
  EXPECT_THAT(list, HasSubstr("every other client starves"));
  EXPECT_THAT(list, HasSubstr("corrupt "));
}

CONTEND_FOR_EVERY_MODEL(Program);
CONTEND_FOR_EVERY_CONCURRENT_MODEL(ConcurrentProgram);

}  // namespace
}  // namespace contend::test
