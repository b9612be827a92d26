// Handlers of the runtime's own signals.
#pragma once

#include <csignal>

namespace contend::explore {

/// As sigaction, on the alternative stack, and without libc on the way back: a system call of
/// libc's would look as if the program had made it. `flags` more than these. False if the kernel
/// refuses.
bool handle_signal(int signal, void (*handler)(int, siginfo_t*, void*), unsigned long flags = 0);

}  // namespace contend::explore
