// Clients that we did not write: nc and Python. Skipped, visibly, where they are not installed.
#include <gtest/gtest.h>

#include "running_server.hpp"
#include "server_program.hpp"
#include "tls_client.hpp"

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

constexpr const char* python_over_tls = R"(
import os, socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))),
                         server_hostname="localhost") as client:
  sent = os.urandom(50000).hex().encode()
  client.sendall(sent)
  got = b""
  while len(got) < len(sent): got += client.recv(65536) or sys.exit("cut short")
  client.unwrap()
  print(got == sent)
)";

TEST_P(Stranger, speaking_tls_is_answered) {
  if (!installed("python3")) GTEST_SKIP() << "python3 is not installed";
  const Certificate certificate;
  if (!certificate.made()) GTEST_SKIP() << "the openssl command is not installed";
  ServerProgram server({"--model", GetParam(), "--tls-cert", certificate.path(), "--tls-key",
                        certificate.key(), "--close-on-blank"});
  const std::string port = std::to_string(server.port());
  EXPECT_EQ(shell(quote_words({"python3", "-c", python_over_tls, port, certificate.path()})).output,
            "True\n");
  EXPECT_EQ(shell("printf 'hello\\n\\n' | timeout 30 openssl s_client -quiet -verify_quiet "
                  "-verify_return_error -CAfile " +
                  certificate.path() + " -connect 127.0.0.1:" + port)
                .output,
            "hello\n");
  EXPECT_EQ(server.stop().code, 0);
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0);
}

constexpr const char* python_over_udp = R"(
import os, socket, sys
with socket.socket(type=socket.SOCK_DGRAM) as client:
  client.settimeout(60)
  sent = [os.urandom(size) for size in (1, 100, 60000)]
  got = []
  for each in sent:
    client.sendto(each, ("127.0.0.1", int(sys.argv[1])))
    got.append(client.recv(65536))
  print(got == sent)
)";

TEST(StrangerOverUdp, is_answered) {
  for (const char* model : {"sequential", "coroutine", "sharded"}) {
    ServerProgram server({"--model", model, "--udp"});
    const std::string port = std::to_string(server.port());
    if (installed("nc")) {
      // nc cannot know that all has come: it is ended when it has said something.
      EXPECT_EQ(shell("cd $(mktemp -d) && mkfifo words && { nc -u 127.0.0.1 " + port +
                      " < words > heard & } && exec 3> words && echo hello >&3 && "
                      "until [ -s heard ]; do sleep 0.05; done; kill $!; cat heard; rm -r $PWD")
                    .output,
                "hello\n");
    }
    if (!installed("python3")) GTEST_SKIP() << "python3 is not installed";
    EXPECT_EQ(shell(quote_words({"python3", "-c", python_over_udp, port})).output, "True\n");
    EXPECT_EQ(server.stop().code, 0);
  }
}

CONTEND_FOR_EVERY_MODEL(Stranger);

}  // namespace
}  // namespace contend::test
