// For programs that run one small experiment: the explorer may call it again and again in one
// process, which is several hundred times cheaper than a process each.
#pragma once

extern "C" {

/// Calls `once`, as often as the explorer wants; without the explorer, once. `once` starts and
/// joins its threads, leaves nothing behind that the next call could see, and returns 0 when all
/// was well. Returns what `once` did.
int contend_explore_repeat(int (*once)(const void* argument), const void* argument);

/// Calls `prepare` unwatched: for what is long and no part of the experiment. It starts no thread
/// and throws nothing; what it allocates is nobody's leak.
void contend_explore_aside(void (*prepare)(void* argument), void* argument);
}
