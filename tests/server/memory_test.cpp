// What a connection costs while it is idle, and what is left of a storm of them. Not under a
// sanitizer, whose shadow and quarantine would be measured instead. CONTEND_LONG=1 runs the full
// numbers.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sys/resource.h>

#include <gtest/gtest.h>

#include "client.hpp"
#include "running_server.hpp"
#include "server_program.hpp"

namespace contend::test {
namespace {

/// The number behind `name` in a file of the kernel's about the process.
std::size_t figure(const Child& child, const std::string& file, const std::string& name) {
  const std::string figures =
      read_file("/proc/" + std::to_string(child.pid()) + "/" + file).value();
  const std::size_t at = figures.find_first_of("0123456789", figures.find("\n" + name + ":"));
  std::size_t number = 0;
  std::from_chars(figures.data() + at, figures.data() + figures.size(), number);
  return number;
}

/// What the process has written to and no file stands behind, in bytes.
std::size_t private_memory(const Child& child) {
  return figure(child, "smaps_rollup", "Anonymous") * 1024;
}

class Memory : public EveryModel {
 protected:
  void SetUp() override {
    EveryModel::SetUp();
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
  }

  /// All connections of a loop read to the same place, and what one has of its own is for what
  /// could not be written at once.
  static bool shares_a_buffer() { return GetParam() == "coroutine" || GetParam() == "sharded"; }

  /// As many clients as that, each of whom has been answered `sent`.
  static std::vector<Client> answered(const ServerProgram& server, std::size_t count,
                                      const std::string& sent) {
    std::vector<Client> clients;
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(clients.emplace_back(server.port()).exchange(sent) == sent);
    }
    return clients;
  }

  /// The server's memory once it has served fifty clients, who are gone, and so is what was theirs:
  /// the thread of one ends after its account is closed, and its stack after that.
  static std::size_t memory_at_rest(const ServerProgram& server, const std::string& sent) {
    server.stats_now();  // by now it runs, with all the threads it starts by itself
    const std::size_t threads = figure(server.child(), "status", "Threads");
    answered(server, 50, sent);
    EXPECT_TRUE(becomes_true([&] {
      return server.stats_now().at("connections_active") == 0 &&
             figure(server.child(), "status", "Threads") <= threads;
    }));
    return private_memory(server.child());
  }
};

TEST_P(Memory, of_an_idle_connection_is_little_more_than_its_buffer_if_it_has_one) {
  constexpr std::size_t chunk = 4096;
  constexpr std::size_t count = 2000;
  // A thread has a stack; a strand, or a request in the kernel's queue, is an object more.
  const std::size_t beside_buffer =
      GetParam() == "thread" ? 32 * 1024
                             : (GetParam() == "pool" || GetParam() == "uring" ? 1280 : 1024);
  ServerProgram server({"--model", GetParam(), "--chunk", std::to_string(chunk)});
  const std::string sent = noise(chunk, 1);
  const std::size_t before = memory_at_rest(server, sent);
  const std::vector<Client> clients = answered(server, count, sent);
  const std::size_t each = (private_memory(server.child()) - before) / count;
  const std::size_t buffer = shares_a_buffer() ? 0 : chunk;
  EXPECT_GE(each, buffer + 256) << "or something else was measured";
  EXPECT_LE(each, buffer + beside_buffer);
  RecordProperty("bytes_beside_buffer", std::to_string(each - buffer));
  EXPECT_EQ(server.stop().code, 0);
}

TEST_P(Memory, of_a_storm_is_given_back_every_time) {
  const std::size_t count = std::getenv("CONTEND_LONG") == nullptr ? 3000 : 9500;
  const std::string sent = noise(16 * 1024, 1);
  ServerProgram server({"--model", GetParam()});
  const std::size_t before = memory_at_rest(server, sent);
  // A few buffers wait for the next clients. A thread, and what Asio knows of a socket, leave
  // something behind for the next ones.
  const std::size_t after =
      before + std::size_t{1} * 1024 * 1024 + (shares_a_buffer() ? 0 : count * 1024);
  const std::size_t each = shares_a_buffer() ? 256 : sent.size();
  for (int storm = 0; storm < 2; ++storm) {
    {
      const std::vector<Client> clients = answered(server, count, sent);
      EXPECT_GE(private_memory(server.child()), before + count * each);
    }
    EXPECT_TRUE(becomes_true([&] { return private_memory(server.child()) <= after; }))
        << private_memory(server.child()) - before << " bytes are left of storm " << storm;
  }
  EXPECT_EQ(server.stop().code, 0);
}

TEST_P(Memory, of_those_who_do_not_read_is_one_buffer_each_and_given_back) {
  constexpr std::size_t chunk = 64 * 1024;
  constexpr std::size_t count = 40;
  ServerProgram server({"--model", GetParam(), "--chunk", std::to_string(chunk)});
  const std::size_t before = memory_at_rest(server, noise(chunk, 1));
  {
    std::vector<Client> clients;
    for (std::size_t i = 0; i < count; ++i) clients.emplace_back(server.port());
    Client::stuff(clients);
    const std::size_t each = (private_memory(server.child()) - before) / count;
    EXPECT_GE(each, chunk / 4) << "or something else was measured";
    EXPECT_LE(each, chunk + 32 * 1024);
  }
  // Of the buffers a mebibyte at most waits for the next clients.
  EXPECT_TRUE(becomes_true([&] {
    return private_memory(server.child()) <= before + std::size_t{2} * 1024 * 1024;
  })) << private_memory(server.child()) - before
      << " bytes are left";
  EXPECT_EQ(server.stop().code, 0);
}

CONTEND_FOR_EVERY_CONCURRENT_MODEL(Memory);

}  // namespace
}  // namespace contend::test
