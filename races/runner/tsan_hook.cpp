// Compiled without -fsanitize=thread, linked as an object file and not out of an archive (the
// runtime's weak default would win), with default visibility. In the hook the runtime holds its
// locks: it allocates nothing, takes no lock, and uses write(2) alone.
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <unistd.h>

#include "races/runner/hook.hpp"

extern "C" {
int __tsan_get_report_data(void* report, const char** description, int* count, int* stack_count,
                           int* mop_count, int* loc_count, int* mutex_count, int* thread_count,
                           int* unique_tid_count, void** sleep_trace, unsigned long trace_size);
int __tsan_get_report_mop(void* report, unsigned long index, int* tid, void** address, int* size,
                          int* write, int* atomic, void** trace, unsigned long trace_size);
int __tsan_get_report_stack(void* report, unsigned long index, void** trace,
                            unsigned long trace_size);
void __sanitizer_symbolize_pc(void* pc, const char* format, char* out, unsigned long out_size);
__attribute__((visibility("default"))) void __tsan_on_report(void* report);
}

namespace contend::races {
namespace {

// Written by the runtime's thread in the hook, read by the first actor; nothing is published by it.
std::atomic<unsigned> reports{0};

/// A line of JSON in a static buffer: the runtime makes one report at a time.
class Line {
 public:
  void begin() { used_ = 0; }

  void raw(const char* text) {
    for (; *text != '\0'; ++text) put(*text);
  }

  void quoted(const char* text) {
    put('"');
    for (; *text != '\0'; ++text) {
      if (*text == '"' || *text == '\\') put('\\');
      put(static_cast<unsigned char>(*text) < 0x20 ? ' ' : *text);
    }
    put('"');
  }

  void number(int value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%d", value);
    raw(text.data());
  }

  void write_out() {
    put('\n');
    std::size_t done = 0;
    while (done < used_) {
      const ssize_t written = ::write(STDOUT_FILENO, text_.data() + done, used_ - done);
      if (written <= 0) return;
      done += static_cast<std::size_t>(written);
    }
  }

 private:
  void put(char c) {
    if (used_ < text_.size()) text_[used_++] = c;
  }

  std::array<char, 32768> text_{};
  std::size_t used_ = 0;
};

Line line;

/// [["function","file",line], …]: every inlined frame of each PC once; the runtime repeats the PC.
void frames(void* const* trace, std::size_t size) {
  static std::array<char, 4096> text;
  line.raw("[");
  bool is_first = true;
  for (std::size_t i = 0; i < size && trace[i] != nullptr; ++i) {
    if (i > 0 && trace[i] == trace[i - 1]) continue;
    text.fill('\0');
    __sanitizer_symbolize_pc(trace[i], "[\"%f\",\"%s\",%l]", text.data(), text.size() - 2);
    for (const char* frame = text.data(); *frame != '\0'; frame += std::strlen(frame) + 1) {
      if (!is_first) line.raw(",");
      is_first = false;
      line.raw(frame);
    }
  }
  line.raw("]");
}

void one_stack(bool& is_first, void* const* trace, std::size_t size) {
  if (!is_first) line.raw(",");
  is_first = false;
  frames(trace, size);
}

}  // namespace

unsigned reports_so_far() {
  return reports.load(std::memory_order_relaxed);
}

}  // namespace contend::races

/// {"report": {"kind", "stacks"}}: the accesses' stacks, else the report's own.
extern "C" void __tsan_on_report(void* report) {
  using namespace contend::races;
  reports.fetch_add(1, std::memory_order_relaxed);
  const char* kind = "";
  int count = 0, stacks = 0, mops = 0, locations = 0, mutexes = 0, threads = 0, unique = 0;
  std::array<void*, 64> trace{};
  __tsan_get_report_data(report, &kind, &count, &stacks, &mops, &locations, &mutexes, &threads,
                         &unique, trace.data(), trace.size());
  line.begin();
  line.raw("\n{\"report\":{\"kind\":");
  line.quoted(kind);
  line.raw(",\"accesses\":");
  line.number(mops);
  line.raw(",\"stacks\":[");
  bool is_first = true;
  for (int i = 0; i < mops; ++i) {
    int thread = 0, size = 0, is_write = 0, is_atomic = 0;
    void* address = nullptr;
    trace.fill(nullptr);
    __tsan_get_report_mop(report, static_cast<unsigned long>(i), &thread, &address, &size,
                          &is_write, &is_atomic, trace.data(), trace.size());
    one_stack(is_first, trace.data(), trace.size());
  }
  for (int i = 0; mops == 0 && i < stacks; ++i) {
    trace.fill(nullptr);
    __tsan_get_report_stack(report, static_cast<unsigned long>(i), trace.data(), trace.size());
    one_stack(is_first, trace.data(), trace.size());
  }
  line.raw("]}}");
  line.write_out();
}
