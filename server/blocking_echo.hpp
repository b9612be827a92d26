// Accepting and echoing with calls that block, for the models that have a thread to spend on it.
#pragma once

#include <functional>

#include "server/session.hpp"
#include "server/socket.hpp"

namespace contend::server {

/// Serves one connection to its end.
void echo(Service& service, Session& session, Socket<Loop>& socket);

/// Calls `serve` with each connection that is admitted, until the listener is stopped. The context
/// of the acceptor is never run.
void block_on_accepting(Service& service, Acceptor& acceptor,
                        const std::function<void(Session, Socket<Loop>)>& serve);

}  // namespace contend::server
