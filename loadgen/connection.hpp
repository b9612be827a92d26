// The thin skin around a session: connects, moves bytes, and tells the session the time. All
// decisions about messages are the session's. A template over how bytes travel (plain or TLS) and
// what is said (echo or a script), so that neither costs the other anything; each combination is
// compiled in a file of its own from connection_body.hpp.
#pragma once

#include <cstdint>
#include <span>

#include <boost/system/error_code.hpp>

#include "loadgen/client.hpp"
#include "loadgen/plan.hpp"

namespace contend::loadgen {

template <class Stream, class Talk>
class Connection final : public Client {
 public:
  Connection(const Plan& plan, Stream stream, Talk talk, Tally& tally, ClientOwner& owner);

  void open(Clock::time_point now, Clock::time_point measure_from) override;
  void begin(Clock::time_point now, Clock::time_point measure_from) override {
    session_.started(now, measure_from);
  }
  void add_due(Clock::time_point due, Clock::time_point now) override;
  void sweep(Clock::time_point now) override;
  bool usable() const override { return state_ != State::done; }
  void stop(Clock::time_point now) override;
  void cut(Clock::time_point now) override;

 private:
  using Error = boost::system::error_code;
  enum class State { idle, connecting, open, finishing, waiting_to_retry, done };

  Clock::time_point now() const;
  void connect(Clock::time_point now);
  void try_to_connect(Clock::time_point now);
  void on_connected(const Error& error);
  void go_on(Clock::time_point now);
  void write(std::span<const char> bytes);
  void read();
  void on_written(const Error& error, std::size_t count);
  void on_read(const Error& error, std::size_t count);
  void on_broken(const Error& error, Clock::time_point now);
  void on_end_of_finished(const Error& error, std::size_t count);
  void connect_failed(Cause cause, const Error& error, Clock::time_point now);
  void replace(Clock::time_point now);
  void settle(Clock::time_point now);
  void finish();
  void close();
  void done();

  Stream stream_;  // first, as what fetch() expects
  const Plan* plan_;
  const Destination* destination_;
  Talk session_;
  Tally* tally_;
  ClientOwner* owner_;
  std::uint32_t life_ = 0;        // handlers of an earlier socket find another number here
  std::uint32_t idle_lives_ = 0;  // replacements in a row that brought no right answer
  std::uint16_t address_ = 0;
  State state_ = State::idle;
  bool ever_connected_ = false;
  bool queue_full_ = false;  // of the server, while connecting: it is tried again
  bool settled_ = false;
  bool duplex_;  // reads while it writes: needed once both may fill the buffers between
  bool reading_ = false;
  bool writing_ = false;
  Clock::time_point since_{};  // of the state, where it is limited in time
  Clock::time_point last_progress_{};
};

}  // namespace contend::loadgen
