// Ways to end: each at the line that says so, after calls that leave their returns behind on the
// stack below it.
#include <cassert>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/explore/subjects/subjects.hpp"

namespace {

volatile int touched = 0;

[[gnu::noinline]] int deep(int levels) {
  volatile int room[16] = {levels};
  touched = touched + room[0];
  return levels == 0 ? touched : deep(levels - 1) + room[0];
}

void stir() {
  touched = deep(40);
}

[[gnu::noinline]] void fail_to_parse(const char* text) {
  touched = static_cast<int>(std::strtol(text, nullptr, 10));  // the end is here
}

[[gnu::noinline]] void call(void (*nothing)()) {
  nothing();  // the end is here
  touched = 1;
}

}  // namespace

int end_by_assertion() {
  stir();
  assert(touched < 0);  // the end is here
  return 0;
}

int end_by_abort() {
  stir();
  if (touched >= 0) std::abort();  // the end is here
  return 0;
}

int end_by_exception() {
  stir();
  if (touched >= 0) throw std::runtime_error("nobody catches it");  // the end is here
  return 0;
}

int end_in_library() {
  stir();
  const char* volatile text = nullptr;
  fail_to_parse(text);
  return touched;
}

int end_by_null_call() {
  stir();
  void (*volatile nothing)() = nullptr;
  call(nothing);
  return touched;
}

int end_by_second_free() {
  stir();
  auto* text = new std::string(100, 'x');
  void* volatile block = text;
  operator delete(block);
  operator delete(block);  // the end is here
  return touched;
}

// Whoever comes first says how.
int end_in_two_ways() {
  std::thread([] { std::exit(4); }).detach();
  std::exit(3);
}

// A race a line.
int many_races_broken() {
  static volatile int shared[12];
  const auto race = [] {
    shared[0] = 1;
    shared[1] = 1;
    shared[2] = 1;
    shared[3] = 1;
    shared[4] = 1;
    shared[5] = 1;
    shared[6] = 1;
    shared[7] = 1;
    shared[8] = 1;
    shared[9] = 1;
    shared[10] = 1;
    shared[11] = 1;
  };
  std::thread other(race);
  race();
  other.join();
  return 0;
}
