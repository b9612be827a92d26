#include "loadgen/connection_cause.hpp"

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

Plan plan_of(std::size_t depth, std::size_t size) {
  Plan plan;
  plan.depth = depth;
  plan.sizes = MessageSizes(size);
  return plan;
}

TEST(SendsFit, as_far_as_the_smallest_send_buffer_goes) {
  EXPECT_TRUE(sends_fit(plan_of(1, 64)));
  EXPECT_TRUE(sends_fit(plan_of(16, 64)));
  EXPECT_FALSE(sends_fit(plan_of(19, 64))) << "the kernel keeps something beside each";
  EXPECT_TRUE(sends_fit(plan_of(1, 19456)));
  EXPECT_FALSE(sends_fit(plan_of(1, 19457)));
}

TEST(SendsFit, only_where_an_answer_shows_that_what_it_answers_was_read) {
  Plan plan = plan_of(1, 64);
  plan.verify = false;
  EXPECT_FALSE(sends_fit(plan));
  plan.verify = true;
  plan.script = Script{};
  EXPECT_FALSE(sends_fit(plan));
}

}  // namespace
}  // namespace contend::loadgen
