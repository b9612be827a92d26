#include "server/buffers.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace contend::test {
namespace {

using server::Buffers;

TEST(Buffers, that_are_free_are_handed_out_again_up_to_a_few) {
  constexpr std::size_t many = 3 * Buffers::most_waiting;
  Buffers buffers(64);
  std::vector<Buffers::Buffer> taken;
  for (std::size_t i = 0; i < many; ++i) taken.push_back(buffers.take());
  std::set<const char*> last;
  for (std::size_t i = 0; i < Buffers::most_waiting; ++i) last.insert(taken[i].get());
  EXPECT_EQ(last.size(), Buffers::most_waiting) << "nobody shares one";
  taken.clear();  // in order: the first are kept
  for (std::size_t i = 0; i < Buffers::most_waiting; ++i) {
    taken.push_back(buffers.take());
    EXPECT_EQ(last.erase(taken.back().get()), 1U);
  }
}

TEST(Buffers, that_are_large_are_not_kept) {
  Buffers buffers(Buffers::most_bytes_waiting / 2);
  std::vector<Buffers::Buffer> taken;
  for (int i = 0; i < 3; ++i) taken.push_back(buffers.take());
  taken.clear();
  EXPECT_EQ(buffers.waiting(), 2U);
  Buffers larger(Buffers::most_bytes_waiting + 1);
  larger.take();
  EXPECT_EQ(larger.waiting(), 0U);
}

}  // namespace
}  // namespace contend::test
