#include "loadgen/connection.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace contend::loadgen {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::size_t least_read = 256;
constexpr std::size_t largest_read = 65536;
// Below this, what a client has on its way fits into the sockets' buffers whatever the server does,
// and reading only after the write is done saves a failing read per message.
constexpr std::size_t most_without_duplex = 16384;

asio::generic::stream_protocol::endpoint to_endpoint(const Address& address) {
  const int protocol = address.storage.ss_family == AF_UNIX ? 0 : IPPROTO_TCP;
  return {&address.storage, address.size, protocol};
}

Cause cause_of_connect(const boost::system::error_code& error) {
  namespace codes = boost::system::errc;
  if (error == codes::connection_refused) return Cause::connect_refused;
  if (error == codes::timed_out) return Cause::connect_timeout;
  const bool ours = error == codes::address_not_available || error == codes::too_many_files_open ||
                    error == codes::too_many_files_open_in_system ||
                    error == codes::no_buffer_space || error == codes::not_enough_memory;
  return ours ? Cause::local_exhausted : Cause::connect_failed;
}

Cause cause_of_break(const boost::system::error_code& error) {
  namespace codes = boost::system::errc;
  if (error == asio::error::eof) return Cause::closed;
  if (error == codes::connection_reset || error == codes::broken_pipe) return Cause::reset;
  return Cause::broken;
}

/// How long to wait before another attempt, after so many in a row that came to nothing.
Clock::duration pause_after(std::uint32_t idle_lives) {
  return std::min<Clock::duration>(1s, 10ms * (1 << std::min(idle_lives, 7U)));
}

}  // namespace

Connection::Connection(asio::io_context& context, const Plan& plan, Session session, Tally& tally,
                       ConnectionOwner& owner)
    : plan_(&plan),
      session_(std::move(session)),
      tally_(&tally),
      owner_(&owner),
      socket_(context.get_executor()),
      buffer_(std::clamp(plan.bytes_in_flight(), least_read, largest_read)),
      duplex_(plan.rate || plan.bytes_in_flight() > most_without_duplex) {}

void Connection::open(Clock::time_point now, Clock::time_point measure_from) {
  last_progress_ = now;
  session_.started(now, measure_from);
  connect(now);
}

void Connection::add_due(Clock::time_point due, Clock::time_point now) {
  session_.add_due(due);
  if (state_ != State::open) return;
  session_.top_up(now);
  go_on(now);
}

void Connection::connect(Clock::time_point now) {
  state_ = State::connecting;
  since_ = now;
  ++life_;
  const auto endpoint = to_endpoint(plan_->addresses[address_]);
  Error error;
  socket_.open(endpoint.protocol(), error);
  if (error) return connect_failed(cause_of_connect(error), error, now);
  socket_.async_connect(endpoint, [this, life = life_](const Error& failed) {
    if (life == life_) on_connected(failed);
  });
}

void Connection::on_connected(const Error& error) {
  const auto now = Clock::now();
  if (error) return connect_failed(cause_of_connect(error), error, now);
  Error ignored;  // no such option on a Unix socket
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  ever_connected_ = true;
  state_ = State::open;
  ++tally_->connections;
  tally_->connect.record(now - since_);
  settle(now);
  session_.connected();
  session_.top_up(now);
  if (session_.finished()) return finish();
  go_on(now);
}

/// Writes what there is to write; reads when that is done, or at the same time where it must.
void Connection::go_on(Clock::time_point now) {
  if (!writing_ && !session_.to_write(now).empty()) write();
  if (!reading_ && (duplex_ || !writing_)) read();
}

void Connection::write() {
  writing_ = true;
  const auto bytes = session_.to_write({});
  socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()),
                           [this, life = life_](const Error& error, std::size_t count) {
                             if (life == life_) on_written(error, count);
                           });
}

void Connection::read() {
  reading_ = true;
  socket_.async_read_some(asio::buffer(buffer_),
                          [this, life = life_](const Error& error, std::size_t count) {
                            if (life == life_) on_read(error, count);
                          });
}

void Connection::on_written(const Error& error, std::size_t count) {
  writing_ = false;
  if (error) {
    // What the server said before it broke is still to be read, and tells more.
    if (!reading_) read();
    return;
  }
  session_.wrote(count);
  // No look at the clock in the common case: everything is written and the answer is next.
  if (session_.all_written()) {
    if (!reading_) read();
    return;
  }
  go_on(Clock::now());
}

void Connection::on_read(const Error& error, std::size_t count) {
  reading_ = false;
  if (state_ == State::finishing) return on_end_of_finished(error, count);
  const auto now = Clock::now();
  if (error) return on_broken(error, now);
  if (!session_.received({buffer_.data(), count}, now)) {
    session_.lost(Cause::broken, now);
    return replace(now);
  }
  session_.top_up(now);
  if (session_.finished()) return finish();
  go_on(now);
}

void Connection::on_broken(const Error& error, Clock::time_point now) {
  session_.lost(cause_of_break(error), now);
  replace(now);
}

void Connection::connect_failed(Cause cause, const Error& error, Clock::time_point now) {
  close();
  if (!ever_connected_ && address_ + 1U < plan_->addresses.size()) {
    ++address_;
    return connect(now);
  }
  if (tally_->connect_error.empty()) tally_->connect_error = error.message();
  settle(now);
  session_.lost(cause, now);
  if (!ever_connected_) return done();
  replace(now);
}

/// Another connection for the same client: at once if this one was of use, else after a pause, and
/// not for ever.
void Connection::replace(Clock::time_point now) {
  close();
  if (session_.take_progress() > 0) {
    idle_lives_ = 0;
    last_progress_ = now;
  }
  const bool hopeless = !session_.served() || now - last_progress_ >= plan_->timeout;
  if (session_.finished() || hopeless) return done();
  ++tally_->replaced;
  if (idle_lives_++ == 0) return connect(now);
  state_ = State::waiting_to_retry;
  since_ = now + pause_after(idle_lives_);
}

void Connection::settle(Clock::time_point now) {
  if (!std::exchange(settled_, true)) owner_->on_settled(now);
}

/// Everything is answered. We close our half and read on: nothing more may come.
void Connection::finish() {
  state_ = State::finishing;
  since_ = Clock::now();
  Error ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  if (!reading_) read();
}

void Connection::on_end_of_finished(const Error& error, std::size_t count) {
  if (error) return done();
  const bool clean = session_.received({buffer_.data(), count}, Clock::now());
  clean ? read() : done();
}

void Connection::sweep(Clock::time_point now) {
  if (state_ == State::waiting_to_retry && now >= since_) return connect(now);
  if (state_ == State::finishing && now - since_ >= plan_->drain) return done();
  if (state_ == State::connecting && now - since_ >= plan_->timeout) {
    return connect_failed(Cause::connect_timeout, asio::error::timed_out, now);
  }
  if (state_ == State::open && session_.waiting() && now - session_.oldest() >= plan_->timeout) {
    session_.lost(Cause::timeout, now);
    replace(now);
  }
}

void Connection::stop(Clock::time_point now) {
  session_.stop();
  const bool away = state_ == State::waiting_to_retry || state_ == State::connecting;
  if (away && session_.finished()) return cut(now);
  if (state_ == State::open && session_.finished()) finish();
}

void Connection::cut(Clock::time_point now) {
  session_.cut(now);
  done();
}

void Connection::close() {
  ++life_;
  reading_ = writing_ = false;
  Error ignored;
  socket_.close(ignored);
}

void Connection::done() {
  if (std::exchange(state_, State::done) == State::done) return;
  close();
  session_.cut(Clock::now());  // what was due to a client that is no more
  owner_->on_done();
}

}  // namespace contend::loadgen
