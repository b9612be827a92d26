#include "races/explore/runtime/contexts.hpp"

namespace contend::explore {

void Contexts::begin() {
  nodes_ = static_cast<Node*>(map_pages(most_nodes * sizeof(Node)));
  heads_ = static_cast<std::uint32_t*>(map_pages(buckets * sizeof(std::uint32_t)));
  count_ = 1;
}

void Contexts::next_execution() {
  if (count_ < most_nodes / 2) return;
  for (std::uint32_t i = 0; i < buckets; ++i) heads_[i] = 0;
  count_ = 1;
}

std::uint32_t Contexts::below(std::uint32_t parent, std::uint64_t pc) {
  // Not mixed further: calls near each other share pages of the table.
  std::uint32_t& head = heads_[((pc >> 2U) + parent) % buckets];
  for (std::uint32_t node = head; node != 0; node = nodes_[node].next) {
    if (nodes_[node].pc == pc && nodes_[node].parent == parent) return node;
  }
  if (count_ == most_nodes) return none;
  nodes_[count_] = {pc, parent, head};
  head = count_;
  return count_++;
}

void Contexts::unwind(std::uint32_t node, std::uint64_t pc, Stack& into) const {
  into.count = 0;
  if (pc != 0) into.pc[into.count++] = pc;
  for (; node != root && into.count < max_frames; node = nodes_[node].parent) {
    into.pc[into.count++] = nodes_[node].pc;
  }
}

}  // namespace contend::explore
