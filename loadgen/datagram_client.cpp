#include "loadgen/datagram_client.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "loadgen/connection_cause.hpp"
#include "loadgen/source_range.hpp"

namespace contend::loadgen {
namespace {

// A datagram may be lost without anybody's fault; so many in a row, over as many timeouts, are
// nobody at the other end.
constexpr int most_in_vain = 8;

boost::asio::generic::datagram_protocol::endpoint endpoint_of(const Address& address) {
  return {&address.storage, address.size, IPPROTO_UDP};
}

/// A byte more than the longest answer, so that a longer one shows.
std::size_t buffer_size(const Plan& plan) {
  return plan.sizes.largest() + Payload::header_size;
}

}  // namespace

DatagramClient::DatagramClient(boost::asio::io_context& context, const Plan& plan,
                               DatagramSession session, Tally& tally, ClientOwner& owner)
    : plan_(&plan),
      destination_(&plan.destination_of(session.client())),
      session_(std::move(session)),
      tally_(&tally),
      owner_(&owner),
      socket_(context.get_executor()),
      buffer_(buffer_size(plan)) {}

void DatagramClient::open(Clock::time_point now, Clock::time_point measure_from) {
  last_progress_ = now;
  session_.started(now, measure_from);
  // There is nothing to wait for: only an answer shows that somebody is there.
  owner_->on_settled(now);
  reopen(now);
}

DatagramClient::Error DatagramClient::connect() {
  const auto endpoint = endpoint_of(destination_->addresses[address_]);
  Error error;
  socket_.open(endpoint.protocol(), error);
  if (error) return error;
  socket_.non_blocking(true, error);
  if (error) return error;
  std::optional<Address> source;
  if (plan_->sources) source = plan_->sources->of(session_.client());
  error = set_source(socket_.native_handle(), source);
  if (error) return error;
  socket_.connect(endpoint, error);
  return error;
}

void DatagramClient::reopen(Clock::time_point now) {
  close();
  heard_ = false;
  if (const Error error = connect()) return failed(cause_of_connect(error), error, now);
  state_ = State::open;
  read();
  send(now);
}

void DatagramClient::add_due(Clock::time_point due, Clock::time_point now) {
  session_.add_due(due);
  if (state_ == State::open) send(now);
}

void DatagramClient::send(Clock::time_point now) {
  while (!full_ && state_ == State::open) {
    const std::span<const char> datagram = session_.next();
    if (datagram.empty()) return;
    Error error;
    socket_.send(boost::asio::buffer(datagram.data(), datagram.size()), 0, error);
    full_ =
        error == boost::asio::error::would_block || error == boost::asio::error::no_buffer_space;
    if (error && !full_) return on_broken(error, now);
    if (!full_) session_.sent(now);
  }
  if (!full_) return;
  socket_.async_wait(Socket::wait_write, [this, life = life_](const Error& error) {
    if (life != life_ || error) return;
    full_ = false;
    send(Clock::now());
  });
}

void DatagramClient::read() {
  socket_.async_receive(boost::asio::buffer(buffer_),
                        [this, life = life_](const Error& error, std::size_t count) {
                          if (life == life_) on_read(error, count);
                        });
}

void DatagramClient::on_read(const Error& error, std::size_t count) {
  const auto now = Clock::now();
  if (error) return on_broken(error, now);
  if (!std::exchange(heard_, true)) ++tally_->connections;
  session_.received({buffer_.data(), count}, now);
  if (session_.finished()) return done();
  read();
  send(now);
}

void DatagramClient::on_broken(const Error& error, Clock::time_point now) {
  const bool refused = error == boost::asio::error::connection_refused;
  if (refused && !session_.served() && address_ + 1U < destination_->addresses.size()) {
    ++address_;
    session_.take_back();
    return reopen(now);
  }
  failed(refused ? Cause::connect_refused : cause_of_break(error), error, now);
}

/// As with a connection that broke: another socket for the same client, after a pause, and not for
/// ever.
void DatagramClient::failed(Cause cause, const Error& error, Clock::time_point now) {
  if (!session_.served() && tally_->connect_error.empty()) tally_->connect_error = error.message();
  session_.fail_all(cause, now);
  if (session_.take_progress() > 0) {
    idle_lives_ = 0;
    last_progress_ = now;
  }
  const bool hopeless = !session_.served() || now - last_progress_ >= plan_->timeout;
  if (session_.finished() || hopeless) return done();
  close();
  ++tally_->replaced;
  state_ = State::waiting_to_retry;
  retry_at_ = now + pause_after(++idle_lives_);
}

void DatagramClient::sweep(Clock::time_point now) {
  if (state_ == State::waiting_to_retry && now >= retry_at_) return reopen(now);
  if (state_ != State::open) return;
  const bool progress = session_.take_progress() > 0;
  in_vain_ = (progress ? 0 : in_vain_) + session_.give_up(now - plan_->timeout);
  if (progress) last_progress_ = now;
  const bool nobody =
      in_vain_ >= most_in_vain && now - last_progress_ >= most_in_vain * plan_->timeout;
  if (session_.finished() || nobody) return done();
  send(now);
}

void DatagramClient::stop(Clock::time_point now) {
  session_.stop();
  if (state_ == State::waiting_to_retry) return cut(now);
  if (session_.finished()) done();
}

void DatagramClient::cut(Clock::time_point now) {
  session_.cut(now);
  done();
}

void DatagramClient::close() {
  ++life_;
  full_ = false;
  Error ignored;
  socket_.close(ignored);
}

void DatagramClient::done() {
  if (std::exchange(state_, State::done) == State::done) return;
  close();
  session_.cut(Clock::now());  // what waits, or was due to a client that is no more
  owner_->on_done();
}

}  // namespace contend::loadgen
