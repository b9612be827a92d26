// Stale values are seen where the C++ model allows them, and never where it does not; and without
// --memory weak, nowhere.
#include <string>
#include <tuple>

#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

class WeakMemory : public Exploring, public ::testing::WithParamInterface<std::string> {
 protected:
  Verdict verdict(Memory memory) {
    Plan plan = plan_for(gcc_subjects, GetParam());
    plan.memory = memory;
    const Case result = run(plan);
    reason_ = result.reason;
    return result.verdict;
  }
  std::string reason_;
};

using Allowed = WeakMemory;
using Ordered = WeakMemory;

TEST_P(Allowed, is_seen_with_weak_memory_alone_and_replays) {
  EXPECT_EQ(verdict(Memory::sequential), Verdict::passed) << reason_;
  EXPECT_EQ(verdict(Memory::weak), Verdict::failed) << reason_;
  const Expected<int> code = replay(file_of(plan_for(gcc_subjects, GetParam())));
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, 1);
}

TEST_P(Ordered, is_never_broken) {
  EXPECT_EQ(verdict(Memory::weak), Verdict::passed) << reason_;
}

std::string name_of(const ::testing::TestParamInfo<std::string>& of) {
  return of.param;
}

INSTANTIATE_TEST_SUITE_P(Weak, Allowed,
                         ::testing::Values("store_buffering_weak", "store_buffering_acquire_weak",
                                           "message_passing_weak", "independent_reads_weak"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Weak, Ordered,
                         ::testing::Values("store_buffering_sequential", "store_buffering_fenced",
                                           "message_passing_ordered",
                                           "independent_reads_sequential", "coherence",
                                           "relaxed_counter", "spin_lock_fixed",
                                           "publish_fences_fixed", "every_primitive_fixed",
                                           "counter_cas_loop", "counter_mutex"),
                         name_of);

}  // namespace
}  // namespace contend::explore
