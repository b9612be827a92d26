// Small experiments that the explorer may repeat in one process.
//
//   repeated plain|locked|own
#include <cstring>
#include <mutex>
#include <thread>

#include "races/explore/repeat.hpp"

namespace {

// A race on purpose.
int plain(const void*) {
  int n = 0;
  std::thread a([&] { n += 1; });
  std::thread b([&] { n += 1; });
  a.join();
  b.join();
  return n == 2 ? 0 : 1;
}

int locked(const void*) {
  int n = 0;
  std::mutex mutex;
  const auto add = [&] {
    const std::lock_guard lock(mutex);
    n += 1;
  };
  std::thread a(add);
  std::thread b(add);
  a.join();
  b.join();
  return n == 2 ? 0 : 1;
}

thread_local int mine = 7;

// A thread finds its own variable as a fresh thread does, though the last one changed it.
int own(const void*) {
  int seen = 0;
  std::thread a([&] {
    seen = mine;
    mine = 8;
  });
  a.join();
  return seen == 7 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "locked") == 0) {
    return contend_explore_repeat(locked, nullptr);
  }
  if (count == 2 && std::strcmp(arguments[1], "own") == 0) {
    return contend_explore_repeat(own, nullptr);
  }
  return contend_explore_repeat(plain, nullptr);
}
