// Makes ThreadSanitizer report each kind of defect that can be provoked at will: `kinds NAME…`, or
// all of them without a name. The program behind the stored logs beside it, and run by a test.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <mutex>
#include <pthread.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

namespace {

int counter = 0;
std::mutex first_lock;
std::mutex second_lock;

void bump(int by) {
  counter += by;
}

template <class Function>
void in_thread(Function function) {
  std::thread(function).join();
}

// The threads run one after the other in time, yet nothing orders them for the detector.
template <class One, class Two>
void unordered(One one, Two two) {
  std::thread first(one);
  std::thread second([&] {
    const timespec nap{0, 20'000'000};
    nanosleep(&nap, nullptr);
    two();
  });
  first.join();
  second.join();
}

void data_race() {
  unordered([] { bump(1); },
            [] {
              const std::lock_guard guard(second_lock);
              bump(2);
            });
}

void heap_race() {
  int* number = new int(0);
  unordered([=] { *number = 1; }, [=] { *number = 2; });
  delete number;
}

void use_after_free() {
  int* volatile number = new int[100];
  in_thread([&] { delete[] number; });
  number[50] = 2;
}

struct Base {
  virtual void call() {}
  virtual ~Base() = default;
};
struct Derived : Base {
  void call() override {}
};

void vptr_race() {
  Base* object = new Derived;
  unordered([=] { object->call(); }, [=] { object->~Base(); });
  ::operator delete(object);
}

void lock_order() {
  in_thread([] {
    const std::lock_guard one(first_lock);
    const std::lock_guard two(second_lock);
  });
  in_thread([] {
    const std::lock_guard two(second_lock);
    const std::lock_guard one(first_lock);
  });
}

void destroy_locked() {
  auto* mutex = new pthread_mutex_t;
  pthread_mutex_init(mutex, nullptr);
  pthread_mutex_lock(mutex);
  pthread_mutex_destroy(mutex);
}

void bad_unlock() {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_unlock(&mutex);
}

void descriptor_race() {
  const int descriptor = open("/dev/null", O_WRONLY);
  unordered([=] { [[maybe_unused]] auto written = write(descriptor, "x", 1); },
            [=] { close(descriptor); });
}

void* nothing(void*) {
  return nullptr;
}

void thread_leak() {
  pthread_t thread;
  pthread_create(&thread, nullptr, nothing, nullptr);
  const timespec nap{0, 20'000'000};
  nanosleep(&nap, nullptr);
}

void signal_unsafe() {
  std::signal(SIGUSR1, [](int) { std::free(std::malloc(10)); });
  std::raise(SIGUSR1);
}

void spoiled_errno() {
  std::signal(SIGALRM, [](int) { errno = 77; });
  const itimerval soon{{0, 0}, {0, 10'000}};
  setitimer(ITIMER_REAL, &soon, nullptr);
  const timespec nap{0, 50'000'000};
  nanosleep(&nap, nullptr);
}

struct Kind {
  const char* name;
  void (*provoke)();
};

constexpr Kind kinds[] = {
    {"data-race", data_race},           {"heap-race", heap_race},
    {"use-after-free", use_after_free}, {"vptr-race", vptr_race},
    {"lock-order", lock_order},         {"destroy-locked", destroy_locked},
    {"bad-unlock", bad_unlock},         {"descriptor-race", descriptor_race},
    {"signal-unsafe", signal_unsafe},   {"spoiled-errno", spoiled_errno},
    {"thread-leak", thread_leak},
};

}  // namespace

int main(int argc, char** argv) {
  for (const Kind& kind : kinds) {
    bool wanted = argc == 1;
    for (int i = 1; i < argc; ++i) wanted = wanted || std::strcmp(argv[i], kind.name) == 0;
    if (wanted) kind.provoke();
  }
}
