#include "loadgen/rude_client.hpp"

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "loadgen/connection_cause.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t sip = 4096;
constexpr auto sip_interval = 10ms;
constexpr auto byte_interval = 2ms;
// Loopback has 28,000 ports, and a storm is not to be of refusals on our side.
constexpr auto pause_between_lives = 1ms;
constexpr auto pause_after_refusal = 100ms;
// More than the sending and the receiving buffer of a socket hold, as the kernel comes.
constexpr std::size_t beyond_all_buffers = std::size_t{16} << 20;
constexpr std::size_t slowly_read = 65536;

}  // namespace

MessageSizes RudeClient::sizes_of(Behaviour behaviour, const MessageSizes& otherwise) {
  if (behaviour == Behaviour::big) return MessageSizes(beyond_all_buffers);
  if (behaviour == Behaviour::slow_reader) return MessageSizes(slowly_read);
  return otherwise;
}

std::size_t RudeClient::depth_of(Behaviour behaviour) {
  return behaviour == Behaviour::slow_reader ? 64 : 1;
}

RudeClient::RudeClient(boost::asio::io_context& context, const Plan& plan, Behaviour behaviour,
                       Session session, Tally& tally)
    : plan_(&plan),
      behaviour_(behaviour),
      session_(std::move(session)),
      tally_(&tally),
      stream_(context),
      timer_(context.get_executor()),
      rooms_(behaviour == Behaviour::slow_reader ? sip : 65536, session_.room_to_write()),
      random_(static_cast<unsigned>(plan.seed) + session_.client()) {}

void RudeClient::open(Clock::time_point now) {
  session_.started(now, now);
  connect();
}

void RudeClient::connect() {
  ++life_;
  written_ = 0;
  answered_before_ = tally_->answered;
  const auto handler = [this, life = life_](const Error& error) {
    if (life == life_) on_connected(error);
  };
  const auto& addresses = plan_->destination_of(session_.client()).addresses;
  std::optional<Address> source;
  if (plan_->sources) source = plan_->sources->of(session_.client());
  if (const Error error = stream_.open(addresses.front(), source, handler)) on_connected(error);
}

void RudeClient::on_connected(const Error& error) {
  if (error) {
    tally_->add({.cause = cause_of_connect(error), .message = {session_.client(), 0}});
    return again(pause_after_refusal);
  }
  open_ = true;
  ++tally_->connections;
  if (behaviour_ == Behaviour::storm) {
    stream_.reset_when_closed();
    return again(pause_between_lives);
  }
  session_.connected();
  if (behaviour_ != Behaviour::idle) {
    session_.top_up(Clock::now());
    write();
  }
  if (open_) read();
}

/// How much of what waits to be written goes into one write.
std::size_t RudeClient::piece_of(std::size_t waiting) {
  if (behaviour_ == Behaviour::dribble) return 1;
  if (behaviour_ == Behaviour::fragments) return 1 + random_() % waiting;
  if (behaviour_ == Behaviour::reset) return std::max<std::size_t>(1, waiting / 2);
  return waiting;
}

void RudeClient::write() {
  const auto bytes = session_.to_write(Clock::now(), rooms_.out());
  writing_ = !bytes.empty();
  if (!writing_) return;
  stream_.async_write_some(bytes.first(piece_of(bytes.size())),
                           [this, life = life_](const Error& error, std::size_t count) {
                             if (life == life_) on_written(error, count);
                           });
}

void RudeClient::on_written(const Error& error, std::size_t count) {
  writing_ = false;
  if (error) return;  // reading tells more
  session_.wrote(count);
  if (behaviour_ == Behaviour::reset) {
    session_.cut(Clock::now());
    stream_.reset_when_closed();
    return again(pause_between_lives);
  }
  if (!session_.all_written() && behaviour_ == Behaviour::dribble) {
    writing_ = true;
    return after(byte_interval, [this] { write(); });
  }
  if (!session_.all_written()) return write();
  if (behaviour_ == Behaviour::half_close) stream_.end_of_writing();
}

void RudeClient::read() {
  stream_.async_read_some(rooms_.in(), [this, life = life_](const Error& error, std::size_t count) {
    if (life == life_) on_read(error, count);
  });
}

void RudeClient::on_read(const Error& error, std::size_t count) {
  const auto now = Clock::now();
  if (error) return on_end(error, now);
  if (!session_.received(rooms_.in().first(count), now)) {
    session_.lost(Cause::broken, now);
    return again(pause_between_lives);
  }
  if (behaviour_ == Behaviour::churn && tally_->answered - answered_before_ >= plan_->churn) {
    return again(pause_between_lives);
  }
  if (behaviour_ != Behaviour::half_close && behaviour_ != Behaviour::idle) {
    session_.top_up(now);
    if (!writing_) write();
  }
  if (behaviour_ == Behaviour::slow_reader) return after(sip_interval, [this] { read(); });
  read();
}

void RudeClient::on_end(const Error& error, Clock::time_point now) {
  // The end is what a half-closed connection comes to, and a server may tire of a silent client.
  const bool expected = behaviour_ == Behaviour::half_close || behaviour_ == Behaviour::idle;
  if (!expected || session_.waiting() || error != boost::asio::error::eof) {
    session_.lost(cause_of_break(error), now);
  }
  again(behaviour_ == Behaviour::idle ? pause_after_refusal : pause_between_lives);
}

void RudeClient::again(Clock::duration pause) {
  ++life_;
  ++tally_->replaced;
  open_ = writing_ = false;
  stream_.close();
  after(pause, [this] { connect(); });
}

template <class Action>
void RudeClient::after(Clock::duration pause, Action action) {
  timer_.expires_after(pause);
  timer_.async_wait([this, life = life_, action](const Error& error) {
    if (!error && !over_ && life == life_) action();
  });
}

void RudeClient::sweep(Clock::time_point now) {
  const bool in_no_hurry = behaviour_ == Behaviour::slow_reader || behaviour_ == Behaviour::dribble;
  if (over_ || !open_ || in_no_hurry || !session_.waiting()) return;
  if (now - session_.oldest() < plan_->timeout) return;
  session_.lost(Cause::timeout, now);
  again(pause_between_lives);
}

void RudeClient::cut(Clock::time_point now) {
  if (std::exchange(over_, true)) return;
  ++life_;
  timer_.cancel();
  stream_.close();
  session_.cut(now);
}

}  // namespace contend::loadgen
