// UDP in the models that have it: every datagram comes back whole, to whoever sent it. Each client
// waits for its answer before it says more, since UDP may lose what a buffer has no room for.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "client.hpp"
#include "running_server.hpp"
#include "server/datagram_echo.hpp"
#include "server/service.hpp"
#include "server_program.hpp"

namespace contend::test {
namespace {

using namespace std::chrono_literals;

class UdpClient {
 public:
  /// Hears only what `server` sends, one of the addresses of this machine.
  explicit UdpClient(std::uint16_t port, std::uint32_t server = INADDR_LOOPBACK)
      : descriptor_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(server);
    const timeval most{60, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    EXPECT_EQ(::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  UdpClient(const UdpClient&) = delete;
  UdpClient& operator=(const UdpClient&) = delete;
  ~UdpClient() { ::close(descriptor_); }

  void send(std::string_view bytes) const {
    EXPECT_EQ(::send(descriptor_, bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string receive() const {
    std::string bytes(65536, '\0');
    const ssize_t size = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    EXPECT_GE(size, 0) << "no answer";
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }
  std::string exchange(std::string_view bytes) const {
    send(bytes);
    return receive();
  }

 private:
  int descriptor_;
};

class Udp : public EveryModel {
 protected:
  server::Options options() const {
    server::Options options = EveryModel::options();
    options.udp = true;
    return options;
  }
};

TEST_P(Udp, returns_each_datagram_whole_to_whoever_sent_it) {
  server::Server server = start(options());
  const UdpClient first(server.port()), second(server.port());
  std::uint64_t bytes = 0;
  for (const std::size_t size : {0UL, 1UL, 64UL, 1472UL, 9000UL, 65507UL}) {
    first.send(noise(size, 1));
    second.send(noise(size, 2));
    EXPECT_TRUE(first.receive() == noise(size, 1)) << size;
    EXPECT_TRUE(second.receive() == noise(size, 2)) << size;
    bytes += 2 * size;
  }
  const server::Totals totals = stop_and_balance(server);
  EXPECT_EQ(totals.bytes_in, bytes);
  EXPECT_EQ(totals.bytes_out, bytes);
  EXPECT_EQ(closed_by(totals, server::End::drained), totals.accepted) << "one a loop";
}

TEST_P(Udp, answers_from_the_address_that_was_asked) {
  for (const char* host : {"0.0.0.0", "::"}) {
    server::Options wide = options();
    wide.host = host;
    Expected<server::Server> started = server::Server::start(wide);
    if (!started && wide.host == "::") GTEST_SKIP() << started.error().message;
    ASSERT_TRUE(started);
    server::Server& server = *started;
    for (std::uint32_t i = 0; i < 3; ++i) {
      const UdpClient client(server.port(), INADDR_LOOPBACK + i);
      EXPECT_EQ(client.exchange("here?"), "here?") << host << " " << i;
    }
    stop_and_balance(server);
  }
}

TEST_P(Udp, finishes_what_has_arrived_when_it_drains) {
  server::Options slow = options();
  slow.delay = 200ms;
  server::Server server = start(slow);
  const UdpClient client(server.port());
  client.send("in flight");
  ASSERT_TRUE(becomes_true([&] { return server.totals().bytes_in == 9; }));
  server.begin_drain();
  EXPECT_EQ(client.receive(), "in flight");
  stop_and_balance(server);
}

TEST_P(Udp, owes_what_it_could_not_answer_before_it_was_cut) {
  server::Options slow = options();
  slow.delay = 1h;
  server::Server server = start(slow);
  const UdpClient client(server.port());
  client.send("never answered");
  ASSERT_TRUE(becomes_true([&] { return server.totals().bytes_in == 14; }));
  server.stop();
  const server::Totals totals = server.totals();
  EXPECT_EQ(totals.bytes_in, totals.bytes_out + totals.bytes_owed);
  EXPECT_EQ(totals.bytes_unaccounted, 0);
}

TEST_P(Udp, plants_faults_in_datagrams) {
  server::Options faulty = options();
  faulty.faults = {{"duplicate", 1}};
  server::Server server = start(faulty);
  const UdpClient client(server.port());
  EXPECT_EQ(client.exchange("twice"), "twice");
  EXPECT_EQ(client.receive(), "twice");
  EXPECT_EQ(stop_and_balance(server).bytes_added, 5U);
}

// A ratio, as for connections: one after the other they would take thirty delays.
TEST_P(Udp, sleeps_for_all_at_the_same_time_unless_it_is_sequential) {
  server::Options slow = options();
  slow.delay = 100ms;
  server::Server server = start(slow);
  std::vector<std::unique_ptr<UdpClient>> clients;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 30; ++i) {
    clients.push_back(std::make_unique<UdpClient>(server.port()));
    clients.back()->send("x");
  }
  for (const auto& client : clients) EXPECT_EQ(client->receive(), "x");
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  if (GetParam() == "sequential") {
    EXPECT_GE(elapsed, slow.delay * 30);
  } else {
    EXPECT_LT(elapsed, slow.delay * 20);
  }
  stop_and_balance(server);
}

TEST(UdpEcho, that_is_told_to_end_before_its_thread_began_ends) {
  const server::Options options{.port = 0, .udp = true};
  const Expected<server::Listener> listener = server::Listener::open(options);
  ASSERT_TRUE(listener);
  server::Service service(options);
  service.ledger().begin_drain();
  server::echo_datagrams(service, *listener);
  boost::asio::io_context context(1);
  server::echo_datagrams_in({context, server::descriptor_of(*listener)}, service)
      .start_on(context.get_executor());
  context.run();
  EXPECT_EQ(service.ledger().totals().active, 0U);
}

TEST(UdpProgram, says_what_udp_cannot_be_asked) {
  const ScratchFolder folder = ScratchFolder::make().value();
  for (const auto& [words, sentence] : std::vector<std::pair<std::string, std::string>>{
           {"--model thread", "--udp: model thread lives by connections"},
           {"--model pool", "--udp: model pool lives by connections"},
           {"--fault reset", "--udp: fault reset needs connections"},
           {"--idle-timeout 1s", "--idle-timeout excludes --udp"}}) {
    std::vector<std::string> arguments = split_words(words).value();
    arguments.emplace_back("--udp");
    EXPECT_EQ(run_server(arguments, folder).code, 64) << words;
    EXPECT_THAT(read_file(folder.path() / "stderr").value(), testing::HasSubstr(sentence));
  }
}

TEST(UdpProgram, does_not_share_a_port_that_is_in_use) {
  ServerProgram server({"--udp"});
  const ScratchFolder folder = ScratchFolder::make().value();
  EXPECT_EQ(run_server({"--udp", "--port", std::to_string(server.port())}, folder).code, 3);
  EXPECT_EQ(server.stop().code, 0);
}

INSTANTIATE_TEST_SUITE_P(of, Udp, testing::Values("sequential", "coroutine", "sharded"),
                         name_of_model);

}  // namespace
}  // namespace contend::test
