// Many executions of one program: the process stops before the program's own code, and forks once
// for each execution that the driver asks for.
#pragma once

namespace contend::explore {

/// Finds the driver in the environment. Returns in the process of an execution, under control, or
/// at once and without control when nobody explores this program.
void serve_executions();

}  // namespace contend::explore
