// The Asio types that the models share: sockets of any stream protocol, TCP or Unix, on the
// executor that a model chooses.
#pragma once

#include <cerrno>
#include <system_error>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "server/listener.hpp"

namespace contend::server {

namespace asio = boost::asio;

using Loop = asio::io_context::executor_type;

template <class Executor>
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, Loop>;

using DatagramSocket = asio::posix::basic_stream_descriptor<Loop>;

/// Another descriptor of `listener`, so that either may be closed first. Throws std::system_error
/// where there is none.
inline int descriptor_of(const Listener& listener) {
  const int descriptor = ::dup(listener.descriptor());
  if (descriptor < 0) throw std::system_error(errno, std::system_category());
  return descriptor;
}

/// Accepts on `listener`. Throws as descriptor_of() does.
inline Acceptor make_acceptor(asio::io_context& context, const Listener& listener) {
  Acceptor acceptor(context);
  if (listener.takes_datagrams()) return acceptor;  // closed: nobody can be accepted
  acceptor.assign({listener.family(), listener.protocol()}, descriptor_of(listener));
  // Otherwise Asio retries in silence, and the ledger would not know.
  acceptor.set_option(asio::socket_base::enable_connection_aborted(true));
  return acceptor;
}

}  // namespace contend::server
