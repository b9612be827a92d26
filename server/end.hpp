// Why a connection ended.
#pragma once

#include <cstddef>

#include <boost/system/error_code.hpp>

namespace contend::server {

enum class End {
  client,       ///< the client had said all, and heard all
  blank,        ///< a blank line, with --close-on-blank
  drained,      ///< we are stopping, and it had heard all that had arrived
  cut,          ///< we are stopping, and it was too slow
  reset,        ///< the client reset it
  broken_pipe,  ///< the client was gone when we wrote
  timed_out,    ///< the kernel gave up on the client
  idle,         ///< no byte moved for --idle-timeout
  fault,        ///< a planted fault reset it
  tls,          ///< the client broke TLS, or never spoke it
  error,        ///< anything else that reading or writing said
};

inline constexpr std::size_t end_count = 11;

const char* to_string(End end);

/// What a failed read or write means.
End end_of(const boost::system::error_code& error);

}  // namespace contend::server
