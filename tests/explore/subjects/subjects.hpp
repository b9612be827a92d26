// The list of the subjects; a subject returns 0 when all was well.
#pragma once

struct Subject {
  const char* name;
  int (*run)();
};

/// Ends with a null name.
const Subject* all_subjects();

extern "C" {
int c_account_broken(void);
int c_account_fixed(void);
int c_exit_in_thread(void);
int c_main_leaves_first(void);
int c_hundred_threads_broken(void);
int c_hundred_threads_fixed(void);
int c11_account_broken(void);
int c11_account_fixed(void);
int c11_hand_over_broken(void);
int c11_hand_over_fixed(void);
}

int counter_plain();
int counter_mutex();
int counter_atomic();
int counter_load_then_store();
int counter_cas_loop();
int lock_order_broken();
int lock_order_fixed();
int lost_wakeup_broken();
int lost_wakeup_fixed();
int notify_one_broken();
int notify_all_fixed();
int rwlock_upgrade_broken();
int rwlock_upgrade_fixed();
int check_then_act_broken();
int check_then_act_fixed();
int publish_relaxed_broken();
int publish_release_fixed();
int publish_fences_fixed();
int spin_lock_fixed();
int every_primitive_fixed();
int hang_guard_fixed();
int thread_locals_fixed();
int crash_broken();
int order_of_start_broken();
int use_after_free_broken();
int double_free_broken();
int endless_broken();
int wide_broken();
int wide_fixed();
int sixteen_broken();
int pipe_broken();
int pipe_fixed();
int eventfd_fixed();
int socketpair_fixed();
int server_broken();
int server_fixed();
int full_pipe_fixed();
int silent_pipe_broken();
int epoll_fixed();
int waits_for_outside();
int uses_timerfd();
int uses_raw_system_call();
int forks();
int trylock_broken();
int sleepers_fixed();
int static_local_fixed();
int neighbours_fixed();
int store_buffering_weak();
int store_buffering_acquire_weak();
int store_buffering_sequential();
int store_buffering_fenced();
int message_passing_weak();
int message_passing_ordered();
int independent_reads_weak();
int independent_reads_sequential();
int coherence();
int relaxed_counter();
int end_by_assertion();
int end_by_abort();
int end_by_exception();
int end_in_library();
int end_by_null_call();
int end_by_second_free();
int end_in_two_ways();
int many_races_broken();
int leak_list_broken();
int leak_list_fixed();
int leak_lazily_broken();
int leak_lazily_fixed();
int leak_cycle_broken();
int leak_cycle_fixed();
int leak_string_broken();
int leak_string_fixed();
int leak_and_fail_broken();
int leak_among_many_broken();
int reachable_long_fixed();
int reachable_fixed();
int reachable_by_threads_fixed();
int reachable_by_libraries_fixed();
int reachable_guarded_fixed();
int reachable_from_stacks_fixed();
int leak_then_fail_broken();
