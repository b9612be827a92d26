// Preloaded into a program: its time of day jumps a day to and fro at every look, as if somebody
// set the clock all the time. Its monotonic clock is left alone.
#include <atomic>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr time_t day = 86'400;

time_t jump() {
  static std::atomic<unsigned> looks{0};  // counts only
  return looks.fetch_add(1, std::memory_order_relaxed) % 2 == 0 ? day : -day;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* into) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, into));
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) into->tv_sec += jump();
  return result;
}

int gettimeofday(timeval* into, void*) noexcept {
  timespec precise{};
  const int result = clock_gettime(CLOCK_REALTIME, &precise);
  *into = {precise.tv_sec, precise.tv_nsec / 1000};
  return result;
}

time_t time(time_t* into) noexcept {
  timespec precise{};
  clock_gettime(CLOCK_REALTIME, &precise);
  if (into != nullptr) *into = precise.tv_sec;
  return precise.tv_sec;
}
}
