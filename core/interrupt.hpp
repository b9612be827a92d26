// SIGINT and SIGTERM, turned into a question that long work asks. The first asks the program to
// stop, drain and report; a second, that does not come with it, ends it at once.
#pragma once

#include <chrono>

namespace contend {

/// Signals that follow the first within this time are the first: timeout(1) tells a process and
/// then its whole group. Nobody presses a key twice as fast.
inline constexpr std::chrono::milliseconds one_signal{100};

/// Installs the handlers and ignores SIGPIPE. Call once, first thing in main.
void handle_interrupts();

/// True once a signal came. Safe from any thread.
bool interrupted();

/// A descriptor that becomes readable, and stays so, when interrupted() becomes true; for poll and
/// Asio.
int interrupt_descriptor();

}  // namespace contend
