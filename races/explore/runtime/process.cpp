// Where control begins and ends: before the program's own constructors, and at exit.
#include <cstdlib>
#include <dlfcn.h>
#include <unistd.h>

#include "races/explore/runtime/fork_server.hpp"
#include "races/explore/runtime/heap.hpp"
#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/real.hpp"

namespace contend::explore {
namespace {

using Main = int (*)(int, char**, char**);
using StartMain = int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);

// libc calls main with these and knows no place to keep it.
Main program_main = nullptr;

// The end of the process cuts off every other thread, so that it comes now is a choice.
void leave(int code, std::uint64_t pc) {
  scheduler.step({Op::exit, 0, pc});
  heap.check_all();
  if (code != 0) scheduler.stop_if_told();
}

int run_main(int count, char** arguments, char** environment) {
  const int code = program_main(count, arguments, environment);
  if (controlled) leave(code, 0);
  return code;
}

}  // namespace
}  // namespace contend::explore

using namespace contend::explore;

extern "C" {

int __libc_start_main(Main main, int count, char** arguments, void (*begin)(), void (*end)(),
                      void (*unload)(), void* stack_end) {
  const auto start = reinterpret_cast<StartMain>(dlsym(RTLD_NEXT, "__libc_start_main"));
  program_main = main;
  real();
  serve_executions();
  return start(run_main, count, arguments, begin, end, unload, stack_end);
}

void exit(int code) {
  using Exit = void (*)(int);
  if (controlled) leave(code, CONTEND_CALLER());
  reinterpret_cast<Exit>(dlsym(RTLD_NEXT, "exit"))(code);
  __builtin_unreachable();
}

pid_t fork() {
  if (controlled) scheduler.uncontrolled("fork");
  return real().fork();
}

}  // extern "C"
