// What the explorer cannot control, by name: another process, signals between threads, clocks that
// the kernel keeps, waiting that we know nothing of. A program that calls one of these is
// inconclusive, whatever else it does. And syscall(2), which could be any of them.
#include <csignal>
#include <cstdarg>
#include <ctime>
#include <dlfcn.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/syscall.h>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/interposed.hpp"
#include "races/explore/runtime/platform.hpp"
#include "races/explore/runtime/real.hpp"
#include "races/explore/runtime/time.hpp"

namespace contend::explore {
namespace {

// The compiler passes what it was given on to libc: every argument is in a register.
using Any = long (*)(long, long, long, long, long, long);

long pass_on(const char* name, long a, long b, long c, long d, long e, long f) {
  if (controlled) scheduler.uncontrolled(name);
  return reinterpret_cast<Any>(dlsym(RTLD_NEXT, name))(a, b, c, d, e, f);
}

// These neither wait nor know of threads, or know of one that is as real as its thread pointer.
constexpr long harmless[] = {
    SYS_getpid,    SYS_getppid,   SYS_getuid,    SYS_geteuid, SYS_getgid,
    SYS_getegid,   SYS_uname,     SYS_getcpu,    SYS_brk,     SYS_mmap,
    SYS_munmap,    SYS_mprotect,  SYS_madvise,   SYS_mremap,  SYS_memfd_create,
    SYS_openat,    SYS_open,      SYS_close,     SYS_fstat,   SYS_stat,
    SYS_lseek,     SYS_sysinfo,   SYS_getrusage, SYS_prctl,   SYS_sched_getaffinity,
    SYS_access,    SYS_readlink,  SYS_unlink,    SYS_getcwd,  SYS_sched_setaffinity,
    SYS_getrlimit, SYS_exit_group};

void refuse_system_call(long called) {
  static constexpr char prefix[] = "syscall number ";
  char text[sizeof prefix + 8];
  copy_bytes(text, prefix, sizeof prefix);
  char digits[8];
  int count = 0;
  for (; count < 7 && (called > 0 || count == 0); called /= 10) {
    digits[count++] = static_cast<char>('0' + called % 10);
  }
  char* end = text + sizeof prefix - 1;
  while (count > 0) *end++ = digits[--count];
  *end = '\0';
  scheduler.uncontrolled(text);
}

long system_call(long called, const long (&a)[6], std::uint64_t pc) {
  switch (called) {
    case SYS_futex:
      return futex(reinterpret_cast<std::uint32_t*>(a[0]), static_cast<int>(a[1]),
                   static_cast<std::uint32_t>(a[2]), reinterpret_cast<const timespec*>(a[3]), pc);
    case SYS_gettid:
      return scheduler.current().kernel_id;
    case SYS_membarrier:
      return 0;  // one thread runs at a time
    case SYS_sched_yield:
      scheduler.yield({Op::yield, 0, pc});
      return 0;
    case SYS_nanosleep:
      return nanosleep(reinterpret_cast<const timespec*>(a[0]), nullptr);
    case SYS_clock_gettime:
      return clock_gettime(static_cast<clockid_t>(a[0]), reinterpret_cast<timespec*>(a[1]));
    default:
      break;
  }
  for (const long known : harmless) {
    if (known == called) return real().syscall(called, a[0], a[1], a[2], a[3], a[4], a[5]);
  }
  refuse_system_call(called);
  return -1;
}

}  // namespace
}  // namespace contend::explore

using namespace contend::explore;

#define CONTEND_REFUSED(name)                                                             \
  long contend_refused_##name(long a, long b, long c, long d, long e, long f) asm(#name); \
  long contend_refused_##name(long a, long b, long c, long d, long e, long f) {           \
    return pass_on(#name, a, b, c, d, e, f);                                              \
  }

extern "C" {

CONTEND_REFUSED(vfork)
CONTEND_REFUSED(posix_spawn)
CONTEND_REFUSED(posix_spawnp)
CONTEND_REFUSED(system)
CONTEND_REFUSED(popen)
CONTEND_REFUSED(clone)
CONTEND_REFUSED(pthread_kill)
CONTEND_REFUSED(pthread_cancel)
CONTEND_REFUSED(pthread_sigqueue)
CONTEND_REFUSED(sigwait)
CONTEND_REFUSED(sigwaitinfo)
CONTEND_REFUSED(sigtimedwait)
CONTEND_REFUSED(sigsuspend)
CONTEND_REFUSED(pause)
CONTEND_REFUSED(alarm)
CONTEND_REFUSED(setitimer)
CONTEND_REFUSED(timer_create)
CONTEND_REFUSED(signalfd)
CONTEND_REFUSED(inotify_init)
CONTEND_REFUSED(inotify_init1)
CONTEND_REFUSED(mq_open)
CONTEND_REFUSED(msgget)
CONTEND_REFUSED(semget)
CONTEND_REFUSED(io_setup)
CONTEND_REFUSED(aio_read)
CONTEND_REFUSED(aio_write)
CONTEND_REFUSED(flock)

pid_t gettid() {
  return controlled ? scheduler.current().kernel_id : static_cast<pid_t>(kernel(SYS_gettid));
}

long syscall(long called, ...) {
  va_list list;
  va_start(list, called);
  long a[6];
  for (long& argument : a) argument = va_arg(list, long);
  va_end(list);
  if (!controlled) return real().syscall(called, a[0], a[1], a[2], a[3], a[4], a[5]);
  return system_call(called, a, CONTEND_CALLER());
}

}  // extern "C"
