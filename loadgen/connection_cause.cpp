#include "loadgen/connection_cause.hpp"

#include <algorithm>

#include <boost/asio/error.hpp>

#include "loadgen/rooms.hpp"

namespace contend::loadgen {
namespace {

namespace codes = boost::system::errc;
using namespace std::chrono_literals;

constexpr std::size_t least_read = 256;
constexpr std::size_t read_of_script = 16384;
// Below this, what a client has on its way fits into the sockets' buffers whatever the server does,
// and reading only after the write is done saves a failing read per message.
constexpr std::size_t most_without_duplex = 16384;
// With segments of 500 bytes, as small as they come, a new TCP connection has 25,600 bytes to hold
// what was written and not yet acknowledged; beside each write the kernel keeps some 830 bytes
// there.
constexpr std::size_t kept_beside_write = 1024;
constexpr std::size_t most_that_fits = 20480;

bool is_ours(const boost::system::error_code& error) {
  return error == codes::address_not_available || error == codes::too_many_files_open ||
         error == codes::too_many_files_open_in_system || error == codes::no_buffer_space ||
         error == codes::no_space_on_device || error == codes::not_enough_memory;
}

/// OpenSSL's errors have categories of their own.
bool is_of_tls(const boost::system::error_code& error) {
  return std::string_view(error.category().name()).starts_with("asio.ssl");
}

}  // namespace

Cause cause_of_connect(const boost::system::error_code& error) {
  if (error == codes::connection_refused) return Cause::connect_refused;
  if (error == codes::timed_out) return Cause::connect_timeout;
  if (is_of_tls(error)) return Cause::tls_failed;
  return is_ours(error) ? Cause::local_exhausted : Cause::connect_failed;
}

Cause cause_of_break(const boost::system::error_code& error) {
  if (error == boost::asio::error::eof) return Cause::closed;
  if (error == codes::connection_reset || error == codes::broken_pipe) return Cause::reset;
  // "Stream truncated": closed without saying so in TLS first, as many servers do.
  if (std::string_view(error.category().name()) == "asio.ssl.stream") return Cause::closed;
  return is_ours(error) ? Cause::local_exhausted : Cause::broken;
}

Clock::duration pause_after(std::uint32_t idle_lives) {
  return std::min<Clock::duration>(1s, 10ms * (1 << std::min(idle_lives, 7U)));
}

std::size_t read_buffer_size(const Plan& plan) {
  if (plan.script) return read_of_script;
  // One more than will come, so that a read which takes all of it is seen to have done so.
  return std::clamp(plan.bytes_in_flight() + 1, least_read, largest_read);
}

bool needs_duplex(const Plan& plan) {
  const std::size_t sent = plan.script ? plan.script->largest_send() : plan.bytes_in_flight();
  return sent > most_without_duplex;
}

bool sends_fit(const Plan& plan) {
  // An answer that nobody looks at is no sign that what it answers was read.
  if (!plan.verify || plan.script) return false;
  return plan.depth <= most_that_fits / (plan.sizes.largest() + kept_beside_write);
}

}  // namespace contend::loadgen
