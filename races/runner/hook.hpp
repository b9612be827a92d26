// ThreadSanitizer's own hook: called in the process for each report it prints, with the report as
// data. Linked only into programs built with -fsanitize=thread; elsewhere no_hook.cpp stands in.
#pragma once

namespace contend::races {

/// How many reports were made in this process so far. Any thread.
unsigned reports_so_far();

}  // namespace contend::races
