// What a server counted, set beside what its clients counted: the server's --stats file, as metrics
// of the load that it served.
#pragma once

#include <filesystem>

#include "core/report.hpp"

namespace contend::ci {

/// Adds counted_connections, counted_bytes, lost_connections, lost_bytes and races_seen (the case's
/// findings). A case that passed fails when the server's count is short. A file that is missing or
/// has no counter makes a lost_bytes without a value that says why.
void add_server_stats(Case& to, const std::filesystem::path& stats);

}  // namespace contend::ci
