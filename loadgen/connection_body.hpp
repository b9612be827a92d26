// The members of Connection, for the files that compile one combination of it each.
#pragma once

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>

#include "loadgen/connection.hpp"
#include "loadgen/connection_cause.hpp"

namespace contend::loadgen {

template <class Stream, class Talk>
Connection<Stream, Talk>::Connection(const Plan& plan, Stream stream, Talk talk, Tally& tally,
                                     ClientOwner& owner)
    : stream_(std::move(stream)),
      plan_(&plan),
      destination_(&plan.destination_of(talk.client())),
      session_(std::move(talk)),
      tally_(&tally),
      owner_(&owner),
      duplex_(plan.rate || needs_duplex(plan) || requires { Stream::always_reads; }) {}

template <class Stream, class Talk>
void Connection<Stream, Talk>::open(Clock::time_point now, Clock::time_point measure_from) {
  last_progress_ = now;
  session_.started(now, measure_from);
  connect(now);
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::add_due(Clock::time_point due, Clock::time_point now) {
  session_.add_due(due);
  if (state_ != State::open) return;
  session_.top_up(now);
  go_on(now);
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::connect(Clock::time_point now) {
  state_ = State::connecting;
  since_ = now;
  try_to_connect(now);
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::try_to_connect(Clock::time_point now) {
  ++life_;
  const auto handler = [this, life = life_](const Error& error) {
    if (life == life_) on_connected(error);
  };
  std::optional<Address> source;
  if (plan_->sources) source = plan_->sources->of(session_.client());
  const Error error = stream_.open(destination_->addresses[address_], source, handler);
  queue_full_ = error == boost::asio::error::try_again;
  if (queue_full_) return owner_->on_queue_full(*destination_);
  if (error) connect_failed(cause_of_connect(error), error, now);
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::on_connected(const Error& error) {
  const auto now = Clock::now();
  if (error) return connect_failed(cause_of_connect(error), error, now);
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
template <class Stream, class Talk>
void Connection<Stream, Talk>::go_on(Clock::time_point now) {
  if (!writing_) write(session_.to_write(now, stream_.room()));
  if (!reading_ && (duplex_ || !writing_)) read();
}

/// The bytes to write, and those that follow them; at once as far as the stream can.
template <class Stream, class Talk>
void Connection<Stream, Talk>::write(std::span<const char> bytes) {
  if constexpr (requires { stream_.try_write(bytes); }) {
    while (true) {
      if (bytes.empty()) return;
      const auto [error, count] = stream_.try_write(bytes);
      if (error == boost::asio::error::would_block) break;
      if (error) return;  // found again by whoever reads
      session_.wrote(count);
      if (session_.all_written()) return;
      bytes = session_.to_write(Clock::now(), stream_.room());
    }
    bytes = {};  // they are under way, or built again when there is room for them
  } else {
    if (bytes.empty()) return;
  }
  writing_ = true;
  stream_.async_write_some(bytes, [this, life = life_](const Error& error, std::size_t count) {
    if (life == life_) on_written(error, count);
  });
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::read() {
  reading_ = true;
  stream_.async_read_some([this, life = life_](const Error& error, std::size_t count) {
    if (life == life_) on_read(error, count);
  });
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::on_written(const Error& error, std::size_t count) {
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

/// For what came and is sent at once.
template <class Stream, class Talk>
Clock::time_point Connection<Stream, Talk>::now() const {
  if constexpr (requires { stream_.now(); }) {
    return stream_.now();
  } else {
    return Clock::now();
  }
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::on_read(const Error& error, std::size_t count) {
  reading_ = false;
  if (state_ == State::finishing) return on_end_of_finished(error, count);
  const auto now = this->now();
  if (error) return on_broken(error, now);
  if (!session_.received(stream_.received(count), now)) {
    session_.lost(Cause::broken, now);
    return replace(now);
  }
  session_.top_up(now);
  if (session_.finished()) return finish();
  go_on(now);
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::on_broken(const Error& error, Clock::time_point now) {
  session_.lost(cause_of_break(error), now);
  replace(now);
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::connect_failed(Cause cause, const Error& error,
                                              Clock::time_point now) {
  close();
  if (!ever_connected_ && address_ + 1U < destination_->addresses.size()) {
    ++address_;
    return connect(now);
  }
  if (tally_->connect_error.empty()) tally_->connect_error = stream_.describe(error);
  settle(now);
  session_.lost(cause, now);
  if (!ever_connected_) return done();
  replace(now);
}

/// Another connection for the same client: at once if this one was of use, else after a pause, and
/// not for ever.
template <class Stream, class Talk>
void Connection<Stream, Talk>::replace(Clock::time_point now) {
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

template <class Stream, class Talk>
void Connection<Stream, Talk>::settle(Clock::time_point now) {
  if (!std::exchange(settled_, true)) owner_->on_settled(now);
}

/// Everything is answered. We close our half and read on: nothing more may come.
template <class Stream, class Talk>
void Connection<Stream, Talk>::finish() {
  state_ = State::finishing;
  since_ = Clock::now();
  stream_.end_of_writing();
  if (!reading_) read();
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::on_end_of_finished(const Error& error, std::size_t count) {
  if (error) return done();
  const bool clean = session_.received(stream_.received(count), Clock::now());
  clean ? read() : done();
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::sweep(Clock::time_point now) {
  if (state_ == State::waiting_to_retry && now >= since_) return connect(now);
  if (state_ == State::finishing && now - since_ >= plan_->drain) return done();
  if (state_ == State::connecting && now - since_ >= plan_->timeout) {
    return connect_failed(Cause::connect_timeout, boost::asio::error::timed_out, now);
  }
  if (state_ == State::connecting && queue_full_) {
    if (!owner_->queue_full(*destination_)) try_to_connect(now);
    return;
  }
  if (state_ == State::open && session_.waiting() && now - session_.oldest() >= plan_->timeout) {
    session_.lost(Cause::timeout, now);
    replace(now);
  }
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::stop(Clock::time_point now) {
  session_.stop();
  const bool away = state_ == State::waiting_to_retry || state_ == State::connecting;
  if (away && session_.finished()) return cut(now);
  if (state_ == State::open && session_.finished()) finish();
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::cut(Clock::time_point now) {
  session_.cut(now);
  done();
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::close() {
  ++life_;
  reading_ = writing_ = false;
  stream_.close();
}

template <class Stream, class Talk>
void Connection<Stream, Talk>::done() {
  if (std::exchange(state_, State::done) == State::done) return;
  close();
  session_.cut(Clock::now());  // what was due to a client that is no more
  owner_->on_done();
}

}  // namespace contend::loadgen
