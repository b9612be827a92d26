// Memory of the runtime itself, taken from the kernel in one large reservation and never given
// back; the explored program's heap is not touched from inside a hook.
#pragma once

#include <cstddef>
#include <cstdint>

namespace contend::explore {

class Arena {
 public:
  /// Reserves address space; pages cost nothing until they are used.
  void reserve(std::size_t bytes);

  /// Zeroed the first time, sixteen-byte aligned. Ends the execution as uncontrolled when all is
  /// used.
  void* take(std::size_t bytes);

  /// Everything that was taken is free again, and no longer zero.
  void rewind() { used_ = 0; }

  template <class T>
  T* array(std::size_t count) {
    return static_cast<T*>(take(count * sizeof(T)));
  }

 private:
  std::byte* begin_ = nullptr;
  std::size_t used_ = 0;
  std::size_t size_ = 0;
};

/// Fresh zeroed pages straight from the kernel, or the end of the process. Forked executions share
/// them with the server and so with each other: no page is copied, and what one leaves there the
/// next finds, until next_execution() of its owner makes it old.
void* map_pages(std::size_t bytes);

/// The same in place of the pages that are there now.
void share_pages(void* at, std::size_t bytes);

}  // namespace contend::explore
