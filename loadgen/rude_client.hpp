// A client that misbehaves on purpose, over and over until the run ends. What comes back to it is
// verified like everybody's; what becomes of it does not hold up the run.
#pragma once

#include <random>

#include <boost/asio/basic_waitable_timer.hpp>

#include "loadgen/mix.hpp"
#include "loadgen/plain_stream.hpp"
#include "loadgen/plan.hpp"
#include "loadgen/rooms.hpp"
#include "loadgen/session.hpp"

namespace contend::loadgen {

/// Threads: the one that runs the io_context. Must outlive the io_context's run().
class RudeClient {
 public:
  RudeClient(boost::asio::io_context& context, const Plan& plan, Behaviour behaviour,
             Session session, Tally& tally);

  void open(Clock::time_point now);
  /// Gives up what waits for too long; called now and then.
  void sweep(Clock::time_point now);
  /// The run is over.
  void cut(Clock::time_point now);

  /// Bytes of each message, where the behaviour decides that.
  static MessageSizes sizes_of(Behaviour behaviour, const MessageSizes& otherwise);
  static std::size_t depth_of(Behaviour behaviour);

 private:
  using Error = boost::system::error_code;
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>,
                                                  boost::asio::io_context::executor_type>;

  void connect();
  void on_connected(const Error& error);
  void write();
  void read();
  void on_written(const Error& error, std::size_t count);
  void on_read(const Error& error, std::size_t count);
  void on_end(const Error& error, Clock::time_point now);
  /// Another connection, after a pause.
  void again(Clock::duration pause);
  template <class Action>
  void after(Clock::duration pause, Action action);
  std::size_t piece_of(std::size_t waiting);

  const Plan* plan_;
  Behaviour behaviour_;
  Session session_;
  Tally* tally_;
  PlainStream stream_;
  Timer timer_;
  OwnRooms rooms_;
  std::minstd_rand random_;
  std::uint32_t life_ = 0;  // handlers of an earlier connection find another number here
  std::size_t written_ = 0;
  std::uint64_t answered_before_ = 0;
  bool open_ = false;
  bool writing_ = false;
  bool over_ = false;
};

}  // namespace contend::loadgen
