#include "server/end.hpp"

#include <boost/system/errc.hpp>

namespace contend::server {

const char* to_string(End end) {
  switch (end) {
    case End::client:
      return "client";
    case End::blank:
      return "blank";
    case End::drained:
      return "drained";
    case End::cut:
      return "cut";
    case End::reset:
      return "reset";
    case End::broken_pipe:
      return "broken_pipe";
    case End::timed_out:
      return "timed_out";
    case End::idle:
      return "idle";
    case End::fault:
      return "fault";
    case End::tls:
      return "tls";
    case End::error:
      break;
  }
  return "error";
}

End end_of(const boost::system::error_code& error) {
  namespace errc = boost::system::errc;
  if (error == errc::connection_reset) return End::reset;
  if (error == errc::broken_pipe) return End::broken_pipe;
  if (error == errc::timed_out) return End::timed_out;
  if (error == errc::protocol_error) return End::tls;
  return End::error;
}

}  // namespace contend::server
