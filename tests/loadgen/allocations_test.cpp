// What a message costs in memory: nothing. The real engine runs in this program, whose operator new
// counts, against a server in another one.
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "loadgen/run.hpp"
#include "tests/support/counting_new.hpp"
#include "tests/support/programs.hpp"

namespace contend::loadgen {
namespace {

struct Load {
  std::uint64_t depth = 1;
  std::optional<double> rate{};
  std::size_t size = 64;
};

/// Allocations of a run of so many messages, its preparation and its end included.
std::uint64_t allocations_of(const testing::Server& server, const Load& load,
                             std::uint64_t messages) {
  Options options;
  options.targets = {server.target()};
  options.connections = 4;
  options.messages = messages;
  options.depth = load.depth;
  options.rate = load.rate;
  options.sizes = MessageSizes(load.size);
  options.seed = 1;
  options.timeout = options.drain.emplace(std::chrono::seconds(60));
  const Plan plan = make_plan(options).value();
  const std::uint64_t before = support::allocations();
  const Run result = run(plan);
  const std::uint64_t after = support::allocations();
  EXPECT_EQ(result.tally.answered + result.tally.failed, messages);
  return after - before;
}

/// By how much each message adds to them. A run also allocates with time (a snapshot a quarter of a
/// second, intervals), which is not the messages' doing and vanishes among so many.
double per_message(const testing::Server& server, const Load& load) {
  constexpr std::uint64_t few = 1000;
  constexpr std::uint64_t many = 41'000;
  const std::uint64_t base = allocations_of(server, load, few);
  const std::uint64_t more = allocations_of(server, load, many);
  return (static_cast<double>(more) - static_cast<double>(base)) / static_cast<double>(many - few);
}

constexpr double none = 0.02;

TEST(Allocations, a_message_costs_none) {
  const testing::Server server("echo-server --model coroutine --port {port}");
  EXPECT_LT(per_message(server, {}), none) << "closed loop";
  EXPECT_LT(per_message(server, {.depth = 16}), none) << "pipeline";
  EXPECT_LT(per_message(server, {.size = 4096}), none) << "4 KiB";
  EXPECT_LT(per_message(server, {.depth = 16, .rate = 10'000}), none) << "open loop";
}

TEST(Allocations, the_count_sees_those_of_wrong_answers) {
  const testing::Server server("echo-server --model coroutine --port {port} --fault corrupt:1");
  EXPECT_GT(per_message(server, {}), 1) << "each fault has a text";
}

}  // namespace
}  // namespace contend::loadgen
