// What programs tell ThreadSanitizer themselves: <sanitizer/tsan_interface.h>, and the older
// dynamic annotations. Synchronisation that no hook shows, accesses that are meant, races that are
// known. Weak: a program may have its own.
#include <cstddef>

#include "races/explore/runtime/hooks.hpp"

namespace contend::explore {
namespace {

constexpr unsigned read_lock = 1U << 3U;
constexpr unsigned try_lock_failed = 1U << 5U;

// An annotated lock is two objects: what writers leave to all, and what readers leave to writers.
std::uint64_t of_readers(std::uint64_t lock) {
  return lock | 1ULL << 63U;
}

void acquire(const volatile void* object) {
  if (controlled) scheduler.detector().acquire(scheduler.current(), number(object));
}

void release(const volatile void* object) {
  if (controlled) scheduler.detector().release(scheduler.current(), number(object));
}

void locked(const volatile void* lock, bool for_writing) {
  if (!controlled) return;
  Thread& self = scheduler.current();
  scheduler.detector().acquire(self, number(lock));
  if (for_writing) scheduler.detector().acquire(self, of_readers(number(lock)));
}

void unlocks(const volatile void* lock, bool for_writing) {
  if (!controlled) return;
  const std::uint64_t object = number(lock);
  scheduler.detector().release(scheduler.current(), for_writing ? object : of_readers(object));
}

void ignore_reads(int more) {
  if (controlled) scheduler.current().ignored_reads += more;
}

void ignore_writes(int more) {
  if (controlled) scheduler.current().ignored_writes += more;
}

// What a lock does inside is its own business.
void inside_lock(int more) {
  ignore_reads(more);
  ignore_writes(more);
}

void known_race(const volatile void* address, std::size_t size) {
  if (controlled) scheduler.detector().let_race(number(address), size);
}

}  // namespace
}  // namespace contend::explore

using namespace contend::explore;

#define CONTEND_ANNOTATION extern "C" [[gnu::weak]]
#define CONTEND_NO_MATTER(name, ...) \
  CONTEND_ANNOTATION void name(__VA_ARGS__) {}

CONTEND_ANNOTATION void __tsan_acquire(void* object) {
  acquire(object);
}
CONTEND_ANNOTATION void __tsan_release(void* object) {
  release(object);
}

CONTEND_NO_MATTER(__tsan_mutex_create, void*, unsigned)
CONTEND_NO_MATTER(__tsan_mutex_destroy, void*, unsigned)
CONTEND_ANNOTATION void __tsan_mutex_pre_lock(void*, unsigned) {
  inside_lock(1);
}
CONTEND_ANNOTATION void __tsan_mutex_post_lock(void* lock, unsigned flags, int) {
  inside_lock(-1);
  if ((flags & try_lock_failed) == 0) locked(lock, (flags & read_lock) == 0);
}
CONTEND_ANNOTATION int __tsan_mutex_pre_unlock(void* lock, unsigned flags) {
  unlocks(lock, (flags & read_lock) == 0);
  inside_lock(1);
  return 1;
}
CONTEND_ANNOTATION void __tsan_mutex_post_unlock(void*, unsigned) {
  inside_lock(-1);
}
CONTEND_ANNOTATION void __tsan_mutex_pre_signal(void*, unsigned) {
  inside_lock(1);
}
CONTEND_ANNOTATION void __tsan_mutex_post_signal(void*, unsigned) {
  inside_lock(-1);
}
CONTEND_ANNOTATION void __tsan_mutex_pre_divert(void*, unsigned) {
  inside_lock(-1);
}
CONTEND_ANNOTATION void __tsan_mutex_post_divert(void*, unsigned) {
  inside_lock(1);
}

CONTEND_ANNOTATION void* __tsan_external_register_tag(const char*) {
  return nullptr;
}
CONTEND_NO_MATTER(__tsan_external_register_header, void*, const char*)
CONTEND_NO_MATTER(__tsan_external_assign_tag, void*, void*)
CONTEND_ANNOTATION void __tsan_external_read(void* object, void* pc, void*) {
  touch_memory(object, 1, false, number(pc));
}
CONTEND_ANNOTATION void __tsan_external_write(void* object, void* pc, void*) {
  touch_memory(object, 1, true, number(pc));
}
CONTEND_ANNOTATION void __tsan_read_range_pc(void* address, unsigned long size, void* pc) {
  touch_memory(address, size, false, number(pc));
}
CONTEND_ANNOTATION void __tsan_write_range_pc(void* address, unsigned long size, void* pc) {
  touch_memory(address, size, true, number(pc));
}

CONTEND_ANNOTATION void __tsan_ignore_thread_begin() {
  inside_lock(1);
}
CONTEND_ANNOTATION void __tsan_ignore_thread_end() {
  inside_lock(-1);
}
CONTEND_NO_MATTER(__tsan_flush_memory)

// A fiber is somebody whom the scheduler does not know.
CONTEND_ANNOTATION void* __tsan_get_current_fiber() {
  return controlled ? &scheduler.current() : nullptr;
}
CONTEND_ANNOTATION void* __tsan_create_fiber(unsigned) {
  if (controlled) scheduler.uncontrolled("__tsan_create_fiber");
  return nullptr;
}
CONTEND_NO_MATTER(__tsan_destroy_fiber, void*)
CONTEND_NO_MATTER(__tsan_set_fiber_name, void*, const char*)
CONTEND_ANNOTATION void __tsan_switch_to_fiber(void*, unsigned) {
  if (controlled) scheduler.uncontrolled("__tsan_switch_to_fiber");
}

CONTEND_ANNOTATION void AnnotateHappensBefore(const char*, int, const volatile void* object) {
  release(object);
}
CONTEND_ANNOTATION void AnnotateHappensAfter(const char*, int, const volatile void* object) {
  acquire(object);
}
CONTEND_ANNOTATION void WTFAnnotateHappensBefore(const char*, int, const volatile void* object) {
  release(object);
}
CONTEND_ANNOTATION void WTFAnnotateHappensAfter(const char*, int, const volatile void* object) {
  acquire(object);
}
CONTEND_ANNOTATION void AnnotateRWLockAcquired(const char*, int, const volatile void* lock,
                                               long for_writing) {
  locked(lock, for_writing != 0);
}
CONTEND_ANNOTATION void AnnotateRWLockReleased(const char*, int, const volatile void* lock,
                                               long for_writing) {
  unlocks(lock, for_writing != 0);
}
CONTEND_NO_MATTER(AnnotateRWLockCreate, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotateRWLockCreateStatic, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotateRWLockDestroy, const char*, int, const volatile void*)

CONTEND_ANNOTATION void AnnotateIgnoreReadsBegin(const char*, int) {
  ignore_reads(1);
}
CONTEND_ANNOTATION void AnnotateIgnoreReadsEnd(const char*, int) {
  ignore_reads(-1);
}
CONTEND_ANNOTATION void AnnotateIgnoreWritesBegin(const char*, int) {
  ignore_writes(1);
}
CONTEND_ANNOTATION void AnnotateIgnoreWritesEnd(const char*, int) {
  ignore_writes(-1);
}
CONTEND_ANNOTATION void AnnotateBenignRace(const char*, int, const volatile void* address,
                                           const char*) {
  known_race(address, 1);
}
CONTEND_ANNOTATION void AnnotateBenignRaceSized(const char*, int, const volatile void* address,
                                                long size, const char*) {
  known_race(address, static_cast<std::size_t>(size));
}
CONTEND_ANNOTATION void WTFAnnotateBenignRaceSized(const char*, int, const volatile void* address,
                                                   long size, const char*) {
  known_race(address, static_cast<std::size_t>(size));
}

CONTEND_NO_MATTER(AnnotateIgnoreSyncBegin, const char*, int)
CONTEND_NO_MATTER(AnnotateIgnoreSyncEnd, const char*, int)
CONTEND_NO_MATTER(AnnotateCondVarSignal, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotateCondVarSignalAll, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotateCondVarWait, const char*, int, const volatile void*, const volatile void*)
CONTEND_NO_MATTER(AnnotateEnableRaceDetection, const char*, int, int)
CONTEND_NO_MATTER(AnnotateFlushState, const char*, int)
CONTEND_NO_MATTER(AnnotateMutexIsNotPHB, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotateMutexIsUsedAsCondVar, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotateNewMemory, const char*, int, const volatile void*, long)
CONTEND_NO_MATTER(AnnotatePCQCreate, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotatePCQDestroy, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotatePCQPut, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotatePCQGet, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotateExpectRace, const char*, int, const volatile void*, const char*)
CONTEND_NO_MATTER(AnnotateFlushExpectedRaces, const char*, int)
CONTEND_NO_MATTER(AnnotateNoOp, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotatePublishMemoryRange, const char*, int, const volatile void*, long)
CONTEND_NO_MATTER(AnnotateUnpublishMemoryRange, const char*, int, const volatile void*, long)
CONTEND_NO_MATTER(AnnotateThreadName, const char*, int, const char*)
CONTEND_NO_MATTER(AnnotateTraceMemory, const char*, int, const volatile void*)
CONTEND_NO_MATTER(AnnotateMemoryIsInitialized, const char*, int, const volatile void*, long)
CONTEND_NO_MATTER(AnnotateMemoryIsUninitialized, const char*, int, const volatile void*, long)
