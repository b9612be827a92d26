// --spawn: the server under test started, waited for, stopped; and strangers written by others.
#include <gtest/gtest.h>

#include "core/file.hpp"

#include "loadgen/port.hpp"
#include "loadgen/server_under_test.hpp"
#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

TEST(Port, a_listener_is_seen_without_connecting) {
  support::ScriptedServer server(support::echo);
  EXPECT_TRUE(is_listening(server.port()));
  EXPECT_EQ(server.accepted(), 0);
}

TEST(Port, a_free_port_has_no_listener) {
  const Expected<std::uint16_t> port = free_port();
  ASSERT_TRUE(port);
  EXPECT_FALSE(is_listening(*port));
}

TEST(ServerUnderTest, that_ends_before_it_listens_is_an_error_with_its_words) {
  const auto server = ServerUnderTest::start({"sh", "-c", "echo cannot bind; exit 7"},
                                             {Target::Kind::tcp, "127.0.0.1", *free_port()}, 20s);
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("exited with 7"), std::string::npos);
  EXPECT_NE(server.error().message.find("cannot bind"), std::string::npos);
}

TEST(ServerUnderTest, that_never_listens_is_an_error_in_time) {
  const auto server = ServerUnderTest::start({"sleep", "60"},
                                             {Target::Kind::tcp, "127.0.0.1", *free_port()}, 100ms);
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("was not listening"), std::string::npos);
}

TEST(Spawn, no_such_program_exits_with_3) {
  const Ran ran = run_loadgen({"--spawn", "no-such-program {port}"});
  EXPECT_EQ(ran.exit.code, 3);
  EXPECT_NE(ran.text.find("no-such-program"), std::string::npos) << ran.text;
}

TEST(Spawn, needs_a_port_or_a_target) {
  EXPECT_EQ(run_loadgen({"--spawn", "sleep 60"}).exit.code, 64);
  EXPECT_EQ(run_loadgen({"--spawn", "sleep '60 {port}"}).exit.code, 64);
}

constexpr const char* one_at_a_time = R"(
import socket, sys
listener = socket.create_server(('127.0.0.1', int(sys.argv[1])), backlog=16)
while True:
    client, _ = listener.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := client.recv(16):
        client.sendall(data)
    client.close()
)";

constexpr const char* asyncio_lines = R"(
import asyncio, sys
async def serve(reader, writer):
    while data := await reader.read(100):
        text = data.decode()
        if not text.strip():
            break
        writer.write(text.encode())
        await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', int(sys.argv[1]), backlog=1000)
    await server.serve_forever()
asyncio.run(main())
)";

constexpr const char* dies_after_ten = R"(
import socket, sys
listener = socket.create_server(('127.0.0.1', int(sys.argv[1])), backlog=16)
client, _ = listener.accept()
for _ in range(10):
    client.sendall(client.recv(1000))
print('out of memory, or so')
sys.exit(3)
)";

/// `loadgen ARGS… --spawn 'python3 PROGRAM {port}'`
Ran run_python(const char* program, std::vector<std::string> arguments) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto file = folder.path() / "server.py";
  EXPECT_TRUE(write_file(file, program));
  arguments.insert(arguments.end(), {"--spawn", "python3 " + file.string() + " {port}"});
  return run_loadgen(arguments);
}

TEST(Stranger, python_one_client_at_a_time_serves_all_in_turn) {
  const Ran ran = run_python(one_at_a_time, {"-c", "5", "-n", "50", "--timeout", "30s"});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("clients_served"), 5);
  EXPECT_EQ(ran.only().id, "loadgen/python3/c5");
  EXPECT_EQ(ran.metric("server_exit_signal"), 15);
  EXPECT_GT(ran.metric("server_rss_bytes"), 0);
}

TEST(Stranger, python_asyncio_that_decodes_text) {
  const Ran ran = run_python(asyncio_lines, {"-c", "50", "-n", "1000", "--name", "asyncio"});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 1000);
  EXPECT_EQ(ran.only().id, "loadgen/asyncio/c50");
}

TEST(Stranger, a_server_that_dies_in_the_run_is_quoted) {
  const Ran ran = run_python(dies_after_ten, {"-c", "1", "-n", "100", "--timeout", "1s"});
  EXPECT_EQ(ran.exit.code, 1);
  EXPECT_NE(ran.only().reason.find("the server exited with 3 during the run; it said: out of"),
            std::string::npos)
      << ran.only().reason;
  EXPECT_EQ(ran.metric("messages_answered"), 10);
}

TEST(Stranger, socat_echoes) {
  const Ran ran = run_loadgen({"-c", "4", "-n", "200", "--spawn",
                               "socat TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr PIPE"});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
}

TEST(Stranger, ncat_echoes) {
  const Ran ran = run_loadgen(
      {"-c", "4", "-n", "200", "--spawn", "ncat -l 127.0.0.1 {port} --keep-open --exec /bin/cat"});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
}

}  // namespace
}  // namespace contend::loadgen
