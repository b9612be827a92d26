// Two threads count in a shared library; "locked": one after the other.
#include <mutex>
#include <thread>

#include "tests/explore/subjects/counting.hpp"

int main(int count, char**) {
  const bool locked = count > 1;
  std::mutex mutex;
  const auto one = [&] {
    std::unique_lock lock(mutex, std::defer_lock);
    if (locked) lock.lock();
    count_one();
  };
  std::thread first(one);
  std::thread second(one);
  first.join();
  second.join();
  return counted == 2 ? 0 : 1;
}
