// Atomics that no instruction has: the compilers call libatomic for them.
#include <atomic>
#include <thread>

#include "tests/explore/subjects/subjects.hpp"

namespace {

struct Account {
  int a = 0;
  int b = 0;
  int c = 0;
  bool operator==(const Account&) const = default;
};

struct Large {
  long words[4] = {};
  bool operator==(const Large&) const = default;
};

template <class Change>
int twice(const Change& change) {
  std::thread other(change);
  change();
  other.join();
  return 0;
}

}  // namespace

int wide_broken() {
  std::atomic<Account> account{Account{}};
  twice([&] {
    Account now = account.load();
    ++now.b;
    account.store(now);
  });
  return account.load().b == 2 ? 0 : 1;
}

int wide_fixed() {
  std::atomic<Account> account{Account{}};
  std::atomic<Large> large{Large{}};
  twice([&] {
    Account now = account.load();
    for (Account next = now;; next = now) {
      ++next.b;
      if (account.compare_exchange_strong(now, next)) break;
    }
    Large mine;
    mine.words[3] = 1;
    large.exchange(mine);
  });
  return account.load().b == 2 && large.load().words[3] == 1 ? 0 : 1;
}

int sixteen_broken() {
  struct alignas(16) Pair {
    long a = 0;
    long b = 0;
  };
  std::atomic<Pair> pair{Pair{}};
  twice([&] {
    Pair now = pair.load();
    ++now.b;
    pair.store(now);
  });
  return pair.load().b == 2 ? 0 : 1;
}
