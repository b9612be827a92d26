// Blocks that nobody can reach at the end, and those that somebody still can.
#include <atomic>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <locale>
#include <memory>
#include <pthread.h>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <vector>

#include "tests/explore/subjects/subjects.hpp"

// Seen from elsewhere, so that no compiler takes them for useless.
char* volatile kept_text = nullptr;
void* volatile kept_inside = nullptr;
void* volatile kept_array = nullptr;

namespace {

struct Node {
  Node* next;
  int value;
};

std::atomic<Node*> head{nullptr};

void push(int count) {
  for (int i = 0; i < count; ++i) head.store(new Node{head.load(), i});
}

void free_list() {
  for (Node* node = head.exchange(nullptr); node != nullptr;) {
    Node* next = node->next;
    delete node;
    node = next;
  }
}

// Two look, and both may find that nothing was made yet.
int make_lazily(bool careful) {
  static std::atomic<Node*> made{nullptr};
  const auto make = [careful] {
    if (made.load() != nullptr) return;
    auto* mine = new Node{nullptr, 1};
    Node* none = nullptr;
    if (!careful) {
      made.store(mine);
    } else if (!made.compare_exchange_strong(none, mine)) {
      delete mine;
    }
  };
  std::thread other(make);
  make();
  other.join();
  return 0;
}

struct InThread {
  std::unique_ptr<std::string> text;
  char* raw = nullptr;  ///< nobody frees it before the thread ends, which it does not
};
thread_local InThread mine;

struct AtTheEnd {
  Node* node = nullptr;
  ~AtTheEnd() { delete node; }
};
AtTheEnd at_the_end;

void* block_of(std::size_t size) {
  void* block = std::malloc(size);
  std::memset(block, 1, size);
  return block;
}

void* give_block(void*) {
  return block_of(40);
}

// A cycle, with a way in from outside or without.
int make_cycle(bool keep) {
  auto* first = new Node{nullptr, 1};
  first->next = new Node{first, 2};
  head.store(first);
  if (!keep) head.store(nullptr);
  return 0;
}

}  // namespace

int leak_list_broken() {
  std::thread(push, 3).join();
  head.store(nullptr);
  return 0;
}

int leak_list_fixed() {
  std::thread(push, 3).join();
  free_list();
  return 0;
}

int leak_lazily_broken() {
  return make_lazily(false);
}

int leak_lazily_fixed() {
  return make_lazily(true);
}

int leak_cycle_broken() {
  return make_cycle(false);
}

int leak_cycle_fixed() {
  return make_cycle(true);
}

int leak_string_broken() {
  kept_text = strdup("gone when the next one comes");
  kept_text = strdup("kept");
  return 0;
}

int leak_string_fixed() {
  char* before = strdup("gone when the next one comes");
  kept_text = before;
  kept_text = strdup("kept");
  std::free(before);
  return 0;
}

// It leaks and says that it failed: that is what is told.
int leak_and_fail_broken() {
  leak_list_broken();
  return 3;
}

// Each schedule leaks, and some fail.
int leak_then_fail_broken() {
  std::atomic<int> count{0};
  const auto add = [&] { count.store(count.load() + 1); };
  leak_list_broken();
  std::thread other(add);
  add();
  other.join();
  return count == 2 ? 0 : 3;
}

// Sixteen of many are nobody's, wherever they lie among the others.
int leak_among_many_broken() {
  push(1000);
  for (int i = 0; i < 16; ++i) {
    kept_text = strdup("lost");
    push(1000);
  }
  kept_text = nullptr;
  return 0;
}

int reachable_long_fixed() {
  Node* list = nullptr;
  for (int i = 0; i < 300'000; ++i) list = new Node{list, i};
  head.store(list);
  return 0;
}

int reachable_fixed() {
  kept_inside = static_cast<char*>(block_of(64)) + 63;
  kept_array = new std::string[0];
  at_the_end.node = new Node{nullptr, 1};
  mine.text = std::make_unique<std::string>("long enough not to be inside the string itself");
  mine.raw = static_cast<char*>(block_of(24));
  pthread_key_t key{};
  pthread_key_create(&key, nullptr);
  pthread_setspecific(key, block_of(32));
  static char variable[] = "CONTEND_SUBJECT=1";
  putenv(variable);
  setenv("CONTEND_SUBJECT", "another", 1);
  std::atexit(free_list);
  push(2);
  return 0;
}

// Threads that main does not wait for: one that waits for ever, one whose result nobody took.
int reachable_by_threads_fixed() {
  static std::atomic<int> arrived{0};
  std::thread([] {
    auto* on_stack = static_cast<char*>(block_of(16));
    mine.text = std::make_unique<std::string>("long enough not to be inside the string itself");
    mine.raw = static_cast<char*>(block_of(24));
    pthread_key_t key{};
    pthread_key_create(&key, std::free);
    pthread_setspecific(key, block_of(32));
    ++arrived;
    arrived.notify_one();
    for (int zero = 0;;) arrived.wait(on_stack[zero]);
  }).detach();
  arrived.wait(0);
  pthread_t unjoined{};
  pthread_create(&unjoined, nullptr, give_block, nullptr);
  return 0;
}

// Main waits, and a thread that it started ends the process: each holds a block of its own.
int reachable_from_stacks_fixed() {
  char* of_main = static_cast<char*>(block_of(16));
  std::thread([] {
    char* own = static_cast<char*>(block_of(24));
    std::exit(own[0] - 1);
  }).join();
  return of_main[0];
}

// What libraries allocate and keep.
int reachable_by_libraries_fixed() {
  std::setlocale(LC_ALL, "C.UTF-8");
  std::locale::global(std::locale::classic());
  std::thread([] { std::fprintf(stderr, "%s %g\n", std::strerror(12345), 0.1); }).join();
  std::FILE* never_closed = std::fopen("/dev/null", "w");
  std::fputs("x", never_closed);
  std::ofstream("/dev/null") << 1.5 << std::endl;
  kept_inside = dlopen("libresolv.so.2", RTLD_NOW);
  try {
    throw std::string("long enough not to be inside the string itself");
  } catch (const std::string&) {
    std::exit(0);
  }
}

// A page that nobody may read ends the look, not the program.
int reachable_guarded_fixed() {
  constexpr std::size_t page = 4096;
  void* pages = nullptr;
  if (posix_memalign(&pages, page, 2 * page) != 0) return 1;
  kept_inside = pages;
  return mprotect(pages, page, PROT_NONE);
}
