// What clients and networks do to a server on a bad day. Bounded to seconds; CONTEND_LONG=1 in the
// environment runs the full numbers.
#include <cstdlib>
#include <filesystem>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

#include "core/file.hpp"

#include "client.hpp"
#include "running_server.hpp"

namespace contend::test {
namespace {

using namespace std::chrono_literals;
using Hardship = EveryModel;
using ConcurrentHardship = EveryConcurrentModel;

std::size_t bounded(std::size_t few, std::size_t many) {
  return std::getenv("CONTEND_LONG") == nullptr ? few : many;
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                       std::filesystem::directory_iterator());
}

/// How often the threads of this process have gone to sleep.
std::uint64_t times_asleep() {
  std::uint64_t sum = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    const std::string status = read_file(task.path() / "status").value();
    const std::size_t at = status.find("\nvoluntary_ctxt_switches:");
    sum += std::stoull(status.substr(status.find('\t', at)));
  }
  return sum;
}

std::chrono::microseconds cpu_used() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return std::chrono::seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         std::chrono::microseconds(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

TEST_P(Hardship, of_a_message_cut_at_every_boundary) {
  server::Server server = start(options());
  Client client(server.port());
  const std::string sent = noise(4096, 1);
  for (std::size_t cut = 0; cut <= sent.size(); cut += bounded(61, 1)) {
    client.send(sent.substr(0, cut));
    client.send(sent.substr(cut));
    EXPECT_TRUE(client.receive(sent.size()) == sent) << "cut at " << cut;
  }
  client.close();
  stop_and_balance(server);
}

TEST_P(Hardship, of_one_byte_at_a_time) {
  server::Server server = start(options());
  Client client(server.port());
  const std::string sent = noise(1000, 1);
  for (const char byte : sent) client.send(std::string(1, byte));
  for (const char byte : sent) EXPECT_EQ(client.receive_some(1), std::string(1, byte));
  client.close();
  stop_and_balance(server);
}

TEST_P(Hardship, of_a_client_that_does_not_read_costs_no_processor_and_no_byte) {
  server::Server server = start(options());
  Client client(server.port());
  const std::size_t stuffed = client.stuff();
  // Fewer than fifty wake-ups a second, as soon as all is stuck; who spins never gets there.
  EXPECT_TRUE(becomes_true([] {
    const auto cpu_before = cpu_used();
    const auto sleeps_before = times_asleep();
    std::this_thread::sleep_for(300ms);
    return cpu_used() - cpu_before < 60ms && times_asleep() - sleeps_before < 15;
  })) << "somebody spins";
  client.finish();
  EXPECT_EQ(client.receive_all().size(), stuffed);
  client.close();
  stop_and_balance(server);
}

TEST_P(Hardship, of_a_client_that_does_not_read_does_not_keep_the_server_from_stopping) {
  server::Server server = start(options());
  Client client(server.port());
  client.stuff();
  server.stop();
  const server::Totals totals = server.totals();
  // Cut in its write, or, on a machine so slow that it was not stuck yet, drained.
  EXPECT_EQ(closed_by(totals, server::End::cut) + closed_by(totals, server::End::drained), 1U);
  EXPECT_EQ(totals.bytes_unaccounted, 0);
}

TEST_P(Hardship, of_a_client_that_says_more_than_is_read_loses_nothing_of_what_was_answered) {
  server::Server server = start(options());
  Client client(server.port());
  client.stuff();
  server.begin_drain();
  const std::size_t received = client.receive_all().size();
  const server::Totals totals = stop_and_balance(server);
  EXPECT_EQ(received, totals.bytes_out);
  EXPECT_EQ(closed_by(totals, server::End::drained), 1U);
}

TEST_P(Hardship, of_resets_in_the_middle_leaves_nothing_behind) {
  server::Server server = start(options());
  Client(server.port()).exchange("warm up");
  ASSERT_TRUE(becomes_true([&] { return server.totals().active == 0; }));
  const auto before = open_descriptors();
  const std::size_t count = bounded(300, 10'000);
  for (std::size_t i = 0; i < count; ++i) {
    Client client(server.port());
    EXPECT_EQ(client.exchange("a"), "a");
    client.send("unfinished");
    client.reset();
  }
  ASSERT_TRUE(becomes_true([&] { return server.totals().active == 0; }));
  EXPECT_TRUE(becomes_true([&] { return open_descriptors() <= before; })) << open_descriptors();
  const server::Totals totals = stop_and_balance(server);
  EXPECT_EQ(totals.accepted, count + 1);
  EXPECT_EQ(closed_by(totals, server::End::reset) + closed_by(totals, server::End::broken_pipe),
            count);
}

TEST_P(Hardship, of_resets_before_they_are_accepted_leaves_nothing_behind) {
  server::Server server = start(options());
  Client(server.port()).exchange("warm up");
  ASSERT_TRUE(becomes_true([&] { return server.totals().active == 0; }));
  const auto before = open_descriptors();
  for (std::size_t i = 0; i < bounded(300, 10'000); ++i) Client(server.port()).reset();
  Client client(server.port());
  EXPECT_EQ(client.exchange("alive"), "alive");
  client.close();
  EXPECT_TRUE(becomes_true([&] { return server.totals().active == 0; }));
  EXPECT_TRUE(becomes_true([&] { return open_descriptors() <= before; })) << open_descriptors();
  stop_and_balance(server);
}

TEST_P(Hardship, of_silent_clients_ends_when_they_have_been_idle) {
  server::Options impatient = options();
  impatient.idle_timeout = 100ms;
  server::Server server = start(impatient);
  for (std::size_t i = 0; i < 3; ++i) {  // one at a time, so that `sequential` meets them all
    const auto begin = std::chrono::steady_clock::now();
    Client silent(server.port());
    ASSERT_TRUE(becomes_true([&] {
      server.end_idle();
      return closed_by(server.totals(), server::End::idle) == i + 1;
    }));
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
    EXPECT_EQ(silent.receive_all(), "");
  }
  stop_and_balance(server);
}

TEST_P(Hardship, of_a_storm_of_short_connections_loses_none) {
  server::Server server = start(options());
  const std::size_t each = bounded(200, 5000);
  std::vector<std::thread> clients;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    clients.emplace_back([&, seed] {
      for (std::size_t i = 0; i < each; ++i) {
        Client client(server.port());
        const std::string sent = noise(16, seed * each + i);
        EXPECT_TRUE(client.exchange(sent) == sent);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(stop_and_balance(server).accepted, 4 * each);
}

TEST_P(ConcurrentHardship, of_slow_clients_does_not_keep_others_waiting) {
  server::Server server = start(options());
  std::vector<Client> slow;
  for (std::size_t i = 0; i < bounded(100, 500); ++i) slow.emplace_back(server.port()).send("s");
  for (int i = 0; i < 20; ++i) {
    Client client(server.port());
    const std::string sent = noise(64, 1);
    EXPECT_TRUE(client.exchange(sent) == sent);
  }
  for (Client& client : slow) EXPECT_EQ(client.receive(1), "s");
  slow.clear();
  stop_and_balance(server);
}

TEST_P(ConcurrentHardship, of_clients_that_never_read_does_not_keep_others_waiting) {
  server::Server server = start(options());
  std::vector<Client> deaf;
  const std::string bytes = noise(1 << 16, 1);
  for (std::size_t i = 0; i < bounded(50, 1000); ++i) {
    const int descriptor = deaf.emplace_back(server.port()).descriptor();
    while (::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
      continue;
  }
  for (std::uint64_t i = 0; i < 20; ++i) {
    Client client(server.port());
    const std::string sent = noise(4096, i);
    EXPECT_TRUE(client.exchange(sent) == sent);
  }
  deaf.clear();
  stop_and_balance(server);
}

TEST_P(ConcurrentHardship, of_too_many_clients_lets_in_just_as_many_as_it_may) {
  server::Options full = options();
  full.max_connections = 5;
  server::Server server = start(full);
  std::vector<Client> clients;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(clients.emplace_back(server.port()).exchange("in"), "in");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Client(server.port()).receive_all(), "");
  for (Client& client : clients) EXPECT_EQ(client.exchange("still"), "still");
  EXPECT_EQ(server.totals().refused, 10U);
  clients.pop_back();
  ASSERT_TRUE(becomes_true([&] { return server.totals().active == 4; }));
  EXPECT_EQ(clients.emplace_back(server.port()).exchange("in"), "in");
  clients.clear();
  const server::Totals totals = stop_and_balance(server);
  EXPECT_EQ(totals.accepted, 6U);
  EXPECT_EQ(totals.most_active, 5U);
}

TEST_P(Hardship, of_a_unix_socket_left_behind_is_none) {
  const ScratchFolder folder = ScratchFolder::make().value();
  server::Options local = options();
  local.unix_path = folder.path() / "echo";
  {
    server::Server killed = start(local);
    std::filesystem::rename(*local.unix_path, *local.unix_path + "-left");
  }
  std::filesystem::rename(*local.unix_path + "-left", *local.unix_path);
  server::Server server = start(local);
  EXPECT_EQ(server.address(), "unix:" + *local.unix_path);
  EXPECT_FALSE(server::Server::start(local)) << "it is in use now";
  Client client(*local.unix_path);
  const std::string sent = noise(100'000, 1);
  EXPECT_TRUE(client.exchange(sent) == sent);
  client.close();
  stop_and_balance(server);
}

TEST_P(Hardship, of_something_else_at_the_path_of_a_unix_socket_leaves_it_there) {
  const ScratchFolder folder = ScratchFolder::make().value();
  server::Options local = options();
  local.unix_path = folder.path() / "echo";
  ASSERT_TRUE(write_file(*local.unix_path, "precious"));
  const Expected<server::Server> refused = server::Server::start(local);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("Address already in use"), std::string::npos);
  EXPECT_EQ(read_file(*local.unix_path).value(), "precious");
  std::filesystem::remove(*local.unix_path);
  std::filesystem::create_symlink("nowhere", *local.unix_path);
  EXPECT_FALSE(server::Server::start(local));
  EXPECT_TRUE(std::filesystem::is_symlink(*local.unix_path));
}

TEST_P(Hardship, of_a_server_that_listens_and_accepts_nobody_is_no_reason_to_wait_for_it) {
  const ScratchFolder folder = ScratchFolder::make().value();
  server::Options local = options();
  local.unix_path = folder.path() / "echo";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  local.unix_path->copy(address.sun_path, sizeof address.sun_path - 1);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(listener, name, sizeof address), 0);
  ASSERT_EQ(::listen(listener, 0), 0);
  const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);  // fills its queue
  ASSERT_EQ(::connect(client, name, sizeof address), 0);
  EXPECT_FALSE(server::Server::start(local));
  ::close(client);
  ::close(listener);
}

TEST_P(Hardship, of_a_server_that_drains_leaves_its_successor_the_path) {
  const ScratchFolder folder = ScratchFolder::make().value();
  server::Options local = options();
  local.unix_path = folder.path() / "echo";
  std::optional<server::Server> first = start(local);
  first->begin_drain();
  server::Server second = start(local);
  first.reset();
  Client client(*local.unix_path);
  EXPECT_EQ(client.exchange("here"), "here");
  client.close();
  stop_and_balance(second);
}

TEST(AcceptErrors, are_retried_or_waited_out_and_never_fatal) {
  server::Service service({});
  const auto advice = [&](int error) {
    return service.accept_failed({error, boost::system::system_category()});
  };
  for (const int error : {ECONNABORTED, EINTR, EAGAIN, EPROTO, ENETDOWN, EHOSTUNREACH}) {
    EXPECT_EQ(advice(error), server::AcceptAdvice::retry) << error;
  }
  for (const int error : {EMFILE, ENFILE, ENOMEM, ENOBUFS}) {
    EXPECT_EQ(advice(error), server::AcceptAdvice::pause) << error;
  }
  advice(EMFILE);
  EXPECT_EQ(service.ledger().totals().accept_errors.at("EMFILE"), 2U);
  EXPECT_EQ(service.ledger().totals().accept_errors.at("ECONNABORTED"), 1U);
  service.ledger().begin_drain();
  EXPECT_EQ(advice(EINVAL), server::AcceptAdvice::stop);
}

TEST_P(ConcurrentHardship, of_several_who_do_not_read_mixes_up_no_bytes) {
  server::Server server = start(options());
  std::vector<Client> clients;
  std::vector<std::string> said;
  for (std::uint64_t i = 0; i < 3; ++i) {
    clients.emplace_back(server.port());
    said.push_back(noise(std::size_t{16} << 20, i));  // more than is on the way
  }
  {
    std::vector<std::jthread> senders;
    for (std::size_t i = 0; i < said.size(); ++i) {
      senders.emplace_back([&, i] { clients[i].send(said[i]); });
    }
    EXPECT_TRUE(becomes_true([&] {
      const std::uint64_t before = server.totals().bytes_in;
      std::this_thread::sleep_for(100ms);
      return before > 0 && server.totals().bytes_in == before;
    }));
    EXPECT_LT(server.totals().bytes_in, said.size() * said[0].size());
    Client other(server.port());
    const std::string more = noise(std::size_t{1} << 18, 77);
    EXPECT_TRUE(other.exchange(more) == more);
    for (std::size_t i = 0; i < said.size(); ++i) {
      EXPECT_TRUE(clients[i].receive(said[i].size()) == said[i]) << "client " << i;
    }
  }
  clients.clear();
  stop_and_balance(server);
}

CONTEND_FOR_EVERY_MODEL(Hardship);
CONTEND_FOR_EVERY_CONCURRENT_MODEL(ConcurrentHardship);

}  // namespace
}  // namespace contend::test
