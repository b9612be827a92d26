// UDP: what comes in a datagram goes back in a datagram to whoever sent it. There are no
// connections, so nobody starves and nothing can be half-closed; a bound socket is one account in
// the books. Datagrams that are read and cannot be sent are owed.
#pragma once

#include "server/resumption.hpp"
#include "server/service.hpp"
#include "server/socket.hpp"

namespace contend::server {

/// In this thread, one datagram after the other, until the listener is stopped. --delay holds up
/// all who come after.
void echo_datagrams(Service& service, const Listener& listener);

/// In the socket's loop; --delay holds up nobody, but at most `most_delayed` are held at a time:
/// then nothing is read, and the kernel drops what it has no room for.
Detached echo_datagrams_in(DatagramSocket socket, Service& service);
inline constexpr std::size_t most_delayed = 4096;

}  // namespace contend::server
