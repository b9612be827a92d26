// Where each thread is, as a tree of call sites: entering a function is one step down, leaving it
// one step up, and a node's number stands for the whole stack. So both sides of a race have their
// stacks at no more cost than a number beside each access.
#pragma once

#include <cstdint>

#include "races/explore/protocol.hpp"
#include "races/explore/runtime/arena.hpp"

namespace contend::explore {

class Contexts {
 public:
  static constexpr std::uint32_t root = 0;
  static constexpr std::uint32_t none = ~0U;  ///< the tree is full

  void begin();
  void next_execution();  ///< keeps the tree, which is much the same each time, while there is room

  /// The node below `parent` for a call from `pc`, made if need be.
  std::uint32_t below(std::uint32_t parent, std::uint64_t pc);
  std::uint32_t above(std::uint32_t node) const { return nodes_[node].parent; }
  std::uint64_t call_site(std::uint32_t node) const { return nodes_[node].pc; }

  /// The stack of an access at `pc` inside `node`; a pc of 0 is left out.
  void unwind(std::uint32_t node, std::uint64_t pc, Stack& into) const;

 private:
  static constexpr std::uint32_t most_nodes = 1U << 20U;
  static constexpr std::uint32_t buckets = 1U << 13U;

  struct Node {
    std::uint64_t pc = 0;
    std::uint32_t parent = 0;
    std::uint32_t next = 0;
  };

  Node* nodes_ = nullptr;
  std::uint32_t* heads_ = nullptr;
  std::uint32_t count_ = 0;
};

}  // namespace contend::explore
