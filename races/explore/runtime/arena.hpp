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

  template <class T>
  T* array(std::size_t count) {
    return static_cast<T*>(take(count * sizeof(T)));
  }

 private:
  std::byte* begin_ = nullptr;
  std::size_t used_ = 0;
  std::size_t size_ = 0;
};

/// Fresh zeroed pages straight from the kernel, or the end of the process.
void* map_pages(std::size_t bytes);

}  // namespace contend::explore
