// What --stats writes: the ledger, the counter and the memory used, as one JSON object.
#pragma once

#include <string>

namespace contend::server {

class Server;

/// Indented, ends in a newline. Of a running server a rough picture, of a stopped one exact.
std::string stats_json(const Server& server);

}  // namespace contend::server
