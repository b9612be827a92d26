// From where clients connect, how fast, and whether the machine has enough for them.
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"

#include "loadgen/source_range.hpp"
#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using support::ScriptedServer;

std::string address_of(const SourceRange& range, std::uint32_t client) {
  const Address address = range.of(client);
  char text[INET_ADDRSTRLEN]{};
  const auto* in = reinterpret_cast<const sockaddr_in*>(&address.storage);
  ::inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
  return text;
}

TEST(SourceRange, gives_each_client_one_of_its_hosts_in_turn) {
  const SourceRange range = *SourceRange::parse("10.1.2.77/30");
  EXPECT_EQ(range.count(), 2U);
  EXPECT_EQ(address_of(range, 0), "10.1.2.77");
  EXPECT_EQ(address_of(range, 1), "10.1.2.78");
  EXPECT_EQ(address_of(range, 2), "10.1.2.77");
  EXPECT_EQ(address_of(*SourceRange::parse("127.0.0.0/8"), 0), "127.0.0.1");
  EXPECT_EQ(address_of(*SourceRange::parse("127.3.4.5"), 99), "127.3.4.5");
  for (const char* bad : {"", "x", "10.0.0.0/33", "10.0.0.0/0", "10.0.0.0/", "::1/64"}) {
    EXPECT_FALSE(SourceRange::parse(bad)) << bad;
  }
}

TEST(SourceIp, is_where_connections_come_from) {
  ScriptedServer server(support::echo);
  const Ran ran =
      run_loadgen({"-c", "8", "-n", "80", "--source-ip", "127.9.0.0/16", server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  // An address that is not ours, so that a run without it would differ.
  const Ran foreign =
      run_loadgen({"-c", "2", "-n", "4", "--source-ip", "192.0.2.1", server.target()});
  EXPECT_EQ(foreign.exit.code, 3) << foreign.text;
  EXPECT_EQ(foreign.metric("errors_local_exhausted"), 2);
  EXPECT_EQ(run_loadgen({"--source-ip", "127.0.0.0/8", "--dry-run", "[::1]:1"}).exit.code, 64);
}

TEST(ConnectRate, spreads_the_start_of_the_clients) {
  ScriptedServer server(support::echo);
  for (const auto& [flag, value] : {std::pair("--connect-rate", "100"), {"--ramp", "200ms"}}) {
    const Ran ran = run_loadgen({"-c", "20", "-t", "2", "-n", "20", flag, value, server.target()});
    EXPECT_EQ(ran.exit.code, 0) << ran.text;
    EXPECT_GE(ran.only().elapsed_ns, 190'000'000);
    EXPECT_EQ(ran.metric("clients_served"), 20);
  }
  EXPECT_EQ(run_loadgen({"--ramp", "1s", "--connect-rate", "5", "127.0.0.1:1"}).exit.code, 64);
  const Ran late = run_loadgen({"-c", "10", "-d", "2s", "--connect-rate", "2", "127.0.0.1:1"});
  EXPECT_EQ(late.exit.code, 64);
  EXPECT_NE(late.text.find("the last client would start after 4.5 s"), std::string::npos)
      << late.text;
}

TEST(Connecting, a_run_that_ends_before_all_are_connected_shows_nothing) {
  const std::string server = find_program("echo-server")->string() + " --port {port}";
  const Ran ran = run_loadgen({"-c", "5000", "-d", "20ms", "--drain", "20s", "--spawn", server});
  EXPECT_EQ(ran.exit.code, 2) << ran.text;
  EXPECT_NE(ran.text.find("of 5,000 clients were not connected when it ended"), std::string::npos)
      << ran.text;
  EXPECT_GT(ran.metric("clients_unconnected"), 0);
}

void echo_to_the_end(int peer) {
  std::array<char, 1024> room;
  for (ssize_t got = 0; (got = ::recv(peer, room.data(), room.size(), 0)) > 0;) {
    ::send(peer, room.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
  }
}

/// A Unix socket that listens and lets `backlog` more than one client wait.
class UnixListener {
 public:
  explicit UnixListener(int backlog) : listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    place_.copy(name.sun_path, sizeof name.sun_path - 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    EXPECT_EQ(::listen(listener_, backlog), 0);
  }
  ~UnixListener() { ::close(listener_); }

  std::string target() const { return "unix:" + place_; }
  /// What loadgen says of it while one client after the other is served.
  template <class Serve>
  Ran serve(std::vector<std::string> arguments, Serve serve) const {
    std::thread server([&] {
      for (int peer = 0; (peer = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(peer)) {
        serve(peer);
      }
    });
    arguments.push_back(target());
    Ran ran = run_loadgen(arguments);
    ::shutdown(listener_, SHUT_RDWR);  // nobody is accepted any more
    server.join();
    return ran;
  }

 private:
  ScratchFolder folder_ = *ScratchFolder::make();
  std::string place_ = folder_.path() / "socket";
  int listener_;
};

TEST(Connecting, waits_while_a_unix_sockets_queue_is_full) {
  const UnixListener listener(0);
  // Nobody accepts: the time for it runs out.
  const Ran late = run_loadgen({"-c", "8", "-n", "80", "--timeout", "300ms", listener.target()});
  EXPECT_EQ(late.exit.code, 1) << late.text;
  EXPECT_GT(late.metric("errors_connect_timeout"), 0);
  const Ran ran = listener.serve({"-c", "8", "-n", "80"}, echo_to_the_end);
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("clients_served"), 8);
  EXPECT_EQ(ran.metric("connections"), 8);
}

TEST(Connecting, to_a_server_that_closes_at_once_has_succeeded) {
  const UnixListener listener(8);
  const Ran ran = listener.serve({"-c", "20", "-n", "40"}, [](int) {});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("errors_connect_failed"), 0);
  EXPECT_GE(ran.metric("connections"), 20);
}

TEST(PortBudget, is_counted_up_front) {
  const std::vector<std::string> many{"-c",  "200000",    "--workers",
                                      "500", "--dry-run", "127.0.0.1:1"};
  const Ran ran = run_loadgen(many);
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_NE(ran.text.find("needs 200000 ports of one address"), std::string::npos) << ran.text;
  EXPECT_NE(ran.text.find("--source-ip 127.0.0.0/8"), std::string::npos) << ran.text;
  auto enough = many;
  enough.insert(enough.begin(), {"--source-ip", "127.0.0.0/8"});
  EXPECT_EQ(run_loadgen(enough).exit.code, 0);
}

}  // namespace
}  // namespace contend::loadgen
