// Run-time options of the sanitizers, compiled into every program, so that a bare ctest, an IDE and
// CI agree. The environment (TSAN_OPTIONS, …) still overrides each.

#if defined(__has_feature)
#define CONTEND_HAS_FEATURE(name) __has_feature(name)
#else
#define CONTEND_HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_THREAD__) || CONTEND_HAS_FEATURE(thread_sanitizer)
// history_size: the most that each runtime takes without failing; longer histories lose fewer
// stacks.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return "exitcode=66 halt_on_error=0 second_deadlock_stack=1 atexit_sleep_ms=0 history_size=4";
}
#endif

#if defined(__SANITIZE_ADDRESS__) || CONTEND_HAS_FEATURE(address_sanitizer)
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "exitcode=66 detect_leaks=1 detect_stack_use_after_return=1 strict_init_order=1";
}
extern "C" __attribute__((visibility("default"))) const char* __ubsan_default_options();
extern "C" const char* __ubsan_default_options() {
  return "exitcode=66 print_stacktrace=1 halt_on_error=1";
}
#endif
