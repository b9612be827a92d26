// SIGINT and SIGTERM, turned into a question that long work asks. The first asks the program to
// stop, drain and report; a second, that does not come with it, ends it at once.
#pragma once

namespace contend {

/// Installs the handlers and ignores SIGPIPE. Call once, first thing in main.
void handle_interrupts();

/// True once a signal came. Safe from any thread.
bool interrupted();

/// A descriptor that becomes readable, and stays so, when interrupted() becomes true; for poll and
/// Asio.
int interrupt_descriptor();

}  // namespace contend
