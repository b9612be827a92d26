// A TCP or Unix socket on its way to a server, whoever moves its bytes.
#pragma once

#include <optional>

#include <boost/system/error_code.hpp>

#include "loadgen/address.hpp"

namespace contend::loadgen {

struct Connecting {
  boost::system::error_code error;
  int socket = -1;  ///< the caller's from now on, and non-blocking; none if there was an error
};

/// Starts to connect, from `source` if there is one. Errors: those of socket(2), of set_source()
/// and of connect(2); try_again: the queue of a Unix socket's server is full.
Connecting start_to_connect(const Address& address, const std::optional<Address>& source);

}  // namespace contend::loadgen
