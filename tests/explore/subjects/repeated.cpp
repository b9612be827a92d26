// Small experiments that the explorer may repeat in one process.
//
//   repeated [plain|leaving|locked|own|selves|crash|kept|lost|rarely_lost]
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <vector>

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

// The same in an execution whose process cannot make another.
int leaving(const void* nothing) {
  return open("/dev/null", O_RDONLY) < 0 ? 2 : plain(nothing);
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

struct Self {
  pthread_t handle;
  const int* variable;
  bool operator==(const Self&) const = default;
};
Self look_at_self() {
  return {pthread_self(), &mine};
}

// Whoever others ran in between finds that it is still itself, and its errno.
int selves(const void*) {
  static std::atomic<int> turns;
  const auto is_itself = [](int number) {
    errno = number;
    const Self before = look_at_self();
    turns += number;
    const bool same = errno == number;
    turns += number;
    return same && look_at_self() == before;
  };
  bool same[3] = {};
  Self seen[3] = {look_at_self()};
  {
    std::thread a([&] { same[1] = is_itself(1), seen[1] = look_at_self(); });
    std::thread b([&] { same[2] = is_itself(2), seen[2] = look_at_self(); });
    same[0] = is_itself(3);
    a.join();
    b.join();
  }
  const bool differ = seen[0] != seen[1] && seen[1] != seen[2] && seen[2] != seen[0];
  return same[0] && same[1] && same[2] && differ && seen[0] == look_at_self() ? 0 : 1;
}

// For whom nobody asks.
int crash(const void*) {
  std::thread a([] { *static_cast<volatile int*>(nullptr) = 1; });
  a.join();
  return 0;
}

// Each execution leaves a block in a vector that an earlier one allocated.
int kept(const void*) {
  static std::vector<std::unique_ptr<int>> all;
  std::thread a([] { all.push_back(std::make_unique<int>(1)); });
  a.join();
  return 0;
}

std::atomic<int*> made{nullptr};

void make() {
  if (made.load() == nullptr) made.store(new int(1));
}

int lost(const void*) {
  made.store(nullptr);
  make();
  made.store(nullptr);
  return 0;
}

// Only if both find that nothing was made yet.
int rarely_lost(const void*) {
  made.store(nullptr);
  std::thread a(make);
  std::thread b(make);
  a.join();
  b.join();
  delete made.load();
  return 0;
}

struct Named {
  const char* name;
  int (*once)(const void*);
};
constexpr Named all_of_them[] = {
    {"plain", plain}, {"leaving", leaving}, {"locked", locked},
    {"own", own},     {"selves", selves},   {"crash", crash},
    {"kept", kept},   {"lost", lost},       {"rarely_lost", rarely_lost}};

}  // namespace

int main(int count, char** arguments) {
  for (const Named& named : all_of_them) {
    if (count == 2 && std::strcmp(arguments[1], named.name) == 0) {
      return contend_explore_repeat(named.once, nullptr);
    }
  }
  return contend_explore_repeat(plain, nullptr);
}
