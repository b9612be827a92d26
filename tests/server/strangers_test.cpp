// Clients that we did not write: nc and Python. Skipped, visibly, where they are not installed.
#include <gtest/gtest.h>

#include "running_server.hpp"
#include "server_program.hpp"

namespace contend::test {
namespace {

using namespace std::chrono_literals;
using Stranger = EveryModel;

struct Said {
  Exit exit;
  std::string output;
};

Said shell(const std::string& line) {
  const ScratchFolder folder = ScratchFolder::make().value();
  const std::filesystem::path output = folder.path() / "output";
  const auto exit = run({.argv = {"sh", "-c", line}, .stdout_to = output}, 60s);
  return {exit.value(), read_file(output).value()};
}

bool installed(const std::string& program) {
  return shell("command -v " + program).exit.ok();
}

TEST_P(Stranger, called_nc_is_answered) {
  if (!installed("nc")) GTEST_SKIP() << "nc is not installed";
  ServerProgram server({"--model", GetParam(), "--chunk", "16"});
  const std::string nc = "nc -N 127.0.0.1 " + std::to_string(server.port());
  EXPECT_EQ(shell("printf 'hello, hello, hello\\n' | " + nc).output, "hello, hello, hello\n");
  EXPECT_EQ(shell("head -c 300000 /dev/zero | " + nc + " | wc -c").output, "300000\n");
  EXPECT_EQ(server.stop().code, 0);
}

TEST_P(Stranger, called_nc_is_let_go_after_a_blank_line) {
  if (!installed("nc")) GTEST_SKIP() << "nc is not installed";
  ServerProgram server({"--model", GetParam(), "--chunk", "100", "--close-on-blank"});
  // Its input stays open: only the server can end this.
  const std::string nc = "nc 127.0.0.1 " + std::to_string(server.port());
  const std::string endless = "{ printf 'one\\n\\n'; while printf ' ' 2>&-; do sleep 0.1; done; }";
  EXPECT_EQ(shell(endless + " | " + nc).output, "one\n");
  EXPECT_EQ(server.stop().code, 0);
}

TEST_P(Stranger, written_in_python_is_answered) {
  if (!installed("python3")) GTEST_SKIP() << "python3 is not installed";
  ServerProgram server({"--model", GetParam()});
  const std::string script =
      "import socket; s = socket.create_connection((\"127.0.0.1\", " +
      std::to_string(server.port()) +
      ")); s.sendall(\"grüße\".encode()); print(s.recv(100).decode()); s.close()";
  EXPECT_EQ(shell("PYTHONUTF8=1 python3 -c '" + script + "'").output, "grüße\n");
  EXPECT_EQ(server.stop().code, 0);
}

CONTEND_FOR_EVERY_MODEL(Stranger);

}  // namespace
}  // namespace contend::test
