// Whether an execution changed anything beyond its own memory. The kernel hands us each system call
// that is not made by the runtime itself (syscall user dispatch, Linux 5.11).
#pragma once

namespace contend::explore {

/// Asks the kernel to hand them over when they are watched. False: it cannot. `at_end` is called
/// when the process is about to go and the watch found nothing; if it returns, the process goes.
bool prepare_to_watch_system_calls(void (*at_end)(int code));

/// From now on until the first that leaves something behind: a descriptor, a process, a signal's
/// handler, … Memory that is mapped does not, since it can be unmapped.
void watch_system_calls();

/// True if none did; ends the watch.
bool left_nothing_behind();

void unmap_what_was_mapped();

}  // namespace contend::explore
