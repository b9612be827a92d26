// A server of Boost.Asio with its clients in one process: epoll, timers and loopback sockets of a
// library that knows nothing of us.
#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

using Asio = Exploring;

TEST_F(Asio, server_of_two_loops_is_not_accused) {
  Plan plan = plan_for(CONTEND_ASIO_ECHO, "own");
  plan.schedules = 60;
  const Case result = run(plan);
  EXPECT_TRUE(result.reason.starts_with("not found in 60 schedules")) << result.reason;
}

TEST_F(Asio, server_that_shares_a_buffer_is_found) {
  Plan plan = plan_for(CONTEND_ASIO_ECHO, "shared");
  plan.schedules = 100;
  const Case result = run(plan);
  EXPECT_EQ(result.verdict, Verdict::failed) << result.reason;
  const Expected<int> code = replay(file_of(plan));
  ASSERT_TRUE(code) << code.error().message;
  EXPECT_EQ(*code, 1);
}

}  // namespace
}  // namespace contend::explore
