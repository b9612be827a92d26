// A client over UDP: the Asio skin around a DatagramSession. Its socket is connected, so that the
// kernel keeps strangers' datagrams away and tells us when nobody is there.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include "loadgen/client.hpp"
#include "loadgen/datagram_session.hpp"
#include "loadgen/plan.hpp"

namespace contend::loadgen {

class DatagramClient final : public Client {
 public:
  DatagramClient(boost::asio::io_context& context, const Plan& plan, DatagramSession session,
                 Tally& tally, ClientOwner& owner);

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
  using Socket = boost::asio::basic_datagram_socket<boost::asio::generic::datagram_protocol,
                                                    boost::asio::io_context::executor_type>;
  enum class State { idle, open, waiting_to_retry, done };

  Error connect();
  void reopen(Clock::time_point now);
  void send(Clock::time_point now);
  void read();
  void on_read(const Error& error, std::size_t count);
  void on_broken(const Error& error, Clock::time_point now);
  void failed(Cause cause, const Error& error, Clock::time_point now);
  void close();
  void done();

  const Plan* plan_;
  const Destination* destination_;
  DatagramSession session_;
  Tally* tally_;
  ClientOwner* owner_;
  Socket socket_;
  std::vector<char> buffer_;
  std::uint32_t life_ = 0;        // handlers of an earlier socket find another number here
  std::uint32_t idle_lives_ = 0;  // replacements in a row that brought no right answer
  std::size_t in_vain_ = 0;       // messages lost since the last right answer
  std::uint16_t address_ = 0;
  State state_ = State::idle;
  bool heard_ = false;  // something came back on this socket
  bool full_ = false;   // the kernel has no room for another datagram now
  Clock::time_point retry_at_{};
  Clock::time_point last_progress_{};
};

}  // namespace contend::loadgen
