// Servers and clients that we did not write, against ours.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/programs.hpp"

namespace contend::testing {
namespace {

#define NEEDS(program) \
  if (!is_installed(program)) GTEST_SKIP() << program " is not installed"

/// Runs a load against a spawned stranger; every byte must come back.
void expect_echo(const std::string& command, const std::string& connections,
                 const std::string& messages) {
  const Ran ran = run_program({"loadgen", "-c", connections, "-n", messages, "--timeout", "60s",
                               "--json", "%json", "--spawn", command});
  EXPECT_EQ(ran.exit.code, 0) << ran.said();
  EXPECT_EQ(metric(ran, "messages_answered"), std::stod(messages)) << ran.said();
  EXPECT_EQ(metric(ran, "bytes_verified"), 64 * std::stod(messages)) << ran.said();
}

TEST(StrangeServer, python_asyncio_that_decodes_a_hundred_bytes_at_a_time) {
  NEEDS("python3");
  expect_echo(stranger("asyncio_echo.py") + " {port}", "100", "2000");
}

TEST(StrangeServer, socat_with_a_process_for_each_client) {
  NEEDS("socat");
  expect_echo("socat TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr,backlog=64 PIPE", "10", "200");
}

TEST(StrangeServer, ncat_running_cat) {
  NEEDS("ncat");
  expect_echo("ncat --listen --keep-open 127.0.0.1 {port} --exec /bin/cat", "10", "200");
}

TEST(StrangeServer, that_serves_one_client_at_a_time_is_told_in_words) {
  NEEDS("python3");
  const Ran served = run_program({"loadgen", "-c", "4", "-n", "400", "--timeout", "60s", "--json",
                                  "%json", "--spawn", stranger("blocking_echo.py") + " {port}"});
  EXPECT_EQ(served.exit.code, 0) << served.said();
  EXPECT_EQ(metric(served, "clients_served"), 4) << served.said();
  EXPECT_GT(metric(served, "longest_wait_ns"), 0) << served.said();
  const std::string& reason = served.report->cases.at(0).reason;
  EXPECT_NE(reason.find("all 4 clients were served, the longest wait for a first answer was "),
            std::string::npos)
      << reason;
}

TEST(StrangeServer, python_asyncio_ends_at_a_blank_line_and_that_is_no_lost_message) {
  NEEDS("python3");
  const Ran ran = run_program({"loadgen", "-c", "2", "-n", "2", "--message", " \\n", "--json",
                               "%json", "--spawn", stranger("asyncio_echo.py") + " {port}"});
  EXPECT_EQ(ran.exit.code, 1) << ran.said();
  EXPECT_EQ(metric(ran, "errors_closed"), 2) << ran.said();
  EXPECT_EQ(metric(ran, "errors_total"), 2) << ran.said();
}

TEST(StrangeServer, the_clients_it_never_served_are_counted_as_starved) {
  NEEDS("python3");
  const Ran ran = run_program({"loadgen", "-c", "4", "-d", "2s", "--timeout", "1s", "--json",
                               "%json", "--spawn", stranger("blocking_echo.py") + " {port}"});
  EXPECT_EQ(ran.exit.code, 1) << ran.said();
  EXPECT_EQ(metric(ran, "clients_served"), 1) << ran.said();
  EXPECT_EQ(metric(ran, "errors_starved"), 3) << ran.said();
  const std::string& reason = ran.report->cases.at(0).reason;
  EXPECT_NE(reason.find("1 of 4 clients was served; 3 starved, having waited up to "),
            std::string::npos)
      << reason;
}

/// Feeds `text` to a client program's standard input and gives back what it printed.
std::string converse(const Server& server, const std::string& client, const std::string& text) {
  const ScratchFolder folder = *ScratchFolder::make();
  Command command{.argv = {"sh", "-c",
                           "printf '%s' \"$CONTEND_TEXT\" | " + client + " 127.0.0.1 " +
                               std::to_string(server.port())}};
  command.env = {{"CONTEND_TEXT", text}};
  command.stdout_to = folder.path() / "out";
  const auto exit = run(command, std::chrono::seconds(60));
  EXPECT_TRUE(exit && exit->code == 0) << describe(*exit);
  return *read_file(folder.path() / "out");
}

class StrangeClient : public ::testing::TestWithParam<const char*> {};

TEST_P(StrangeClient, nc_gets_back_what_it_sent) {
  NEEDS("nc");
  const Server server("echo-server --port {port} --model " + std::string(GetParam()));
  EXPECT_EQ(converse(server, "nc -N", "hello\nworld\n"), "hello\nworld\n");
  EXPECT_EQ(converse(server, "nc -N", "again\n"), "again\n");
}

TEST_P(StrangeClient, the_lectures_servers_end_at_a_blank_line) {
  NEEDS("nc");
  const Server server("echo-server --port {port} --chunk 16 --close-on-blank --model " +
                      std::string(GetParam()));
  const std::string got = converse(server, "nc", "hello\n\n");
  EXPECT_TRUE(got.starts_with("hello\n")) << got;
}

TEST_P(StrangeClient, a_python_client_gets_every_byte) {
  NEEDS("python3");
  const Server server("echo-server --port {port} --chunk 100 --model " + std::string(GetParam()));
  const std::string script =
      "import socket,sys\n"
      "s=socket.create_connection((sys.argv[1],int(sys.argv[2])))\n"
      "sent=bytes(i%251 for i in range(200000))\n"
      "import threading\n"
      "def send():\n"
      "    s.sendall(sent); s.shutdown(socket.SHUT_WR)\n"
      "t=threading.Thread(target=send); t.start()\n"
      "got=b''\n"
      "while piece:=s.recv(65536): got+=piece\n"
      "t.join(); print(got==sent)\n";
  EXPECT_EQ(converse(server, quote_words({"python3", "-c", script}), ""), "True\n");
}

INSTANTIATE_TEST_SUITE_P(Models, StrangeClient, ::testing::Values("sequential", "coroutine"));

}  // namespace
}  // namespace contend::testing
