// The thin Asio skin around a session: connects, moves bytes, and tells the session the time. All
// decisions about messages are the session's.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include "loadgen/plan.hpp"
#include "loadgen/session.hpp"

namespace contend::loadgen {

/// Who wants to know what becomes of a connection.
class ConnectionOwner {
 public:
  /// Once for each client: its first attempt to connect has succeeded or failed.
  virtual void on_settled(Clock::time_point now) = 0;
  /// Once for each client: it has nothing left to do.
  virtual void on_done() = 0;

 protected:
  ~ConnectionOwner() = default;
};

/// Threads: the one that runs the io_context. Must outlive the io_context's run().
class Connection {
 public:
  Connection(boost::asio::io_context& context, const Plan& plan, Session session, Tally& tally,
             ConnectionOwner& owner);

  void open(Clock::time_point now, Clock::time_point measure_from);

  /// Open loop: a message is due. `now` is the time of its handling.
  void add_due(Clock::time_point due, Clock::time_point now);

  /// Gives up what waits for too long, tries again what was put off; called now and then.
  void sweep(Clock::time_point now);

  /// False once nothing more can be sent over it, nor over a replacement.
  bool usable() const { return state_ != State::done; }

  /// The time is up: what is in flight may still be answered, nothing more is sent.
  void stop(Clock::time_point now);
  /// So is the time for answers.
  void cut(Clock::time_point now);

 private:
  // The executor is spelled out since the type-erased default costs on every operation; generic, so
  // that TCP and Unix sockets are one type.
  using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                  boost::asio::io_context::executor_type>;
  using Error = boost::system::error_code;
  enum class State { idle, connecting, open, finishing, waiting_to_retry, done };

  void connect(Clock::time_point now);
  void on_connected(const Error& error);
  void go_on(Clock::time_point now);
  void write();
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

  const Plan* plan_;
  Session session_;
  Tally* tally_;
  ConnectionOwner* owner_;
  Socket socket_;
  std::vector<char> buffer_;
  std::uint32_t life_ = 0;        // handlers of an earlier socket find another number here
  std::uint32_t idle_lives_ = 0;  // replacements in a row that brought no right answer
  std::uint16_t address_ = 0;
  State state_ = State::idle;
  bool ever_connected_ = false;
  bool settled_ = false;
  bool duplex_;  // reads while it writes: needed once both may fill the buffers between
  bool reading_ = false;
  bool writing_ = false;
  Clock::time_point since_{};  // of the state, where it is limited in time
  Clock::time_point last_progress_{};
};

}  // namespace contend::loadgen
