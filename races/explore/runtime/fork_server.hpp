// Many executions of one program: the process stops before the program's own code, and forks for
// an execution that the driver asks for. An execution that leaves nothing behind leaves its process
// for the next one, which then needs no fork.
#pragma once

namespace contend::explore {

/// Finds the driver in the environment. Returns in the process of an execution, under control, or
/// at once and without control when nobody explores this program.
void serve_executions();

/// What this process was asked for is done; nothing of the program's runs any more.
[[noreturn]] void end_process(int code);

}  // namespace contend::explore
