// One thread's share of the clients, its event loop, and its clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include "core/poller.hpp"
#include "core/poller_in_asio.hpp"

#include "loadgen/beginnings.hpp"
#include "loadgen/client.hpp"
#include "loadgen/client_factory.hpp"
#include "loadgen/observer.hpp"
#include "loadgen/pacer.hpp"
#include "loadgen/plan.hpp"
#include "loadgen/ring.hpp"
#include "loadgen/rooms.hpp"
#include "loadgen/tally.hpp"

namespace contend::loadgen {

/// Drives every `threads`-th of the plan's clients, from the one at `index` on. Threads: run() by
/// one, parts() after it.
class Worker final : private ClientOwner {
 public:
  Worker(const Plan& plan, std::uint32_t index, Observer& observer);

  /// Returns when every client is done, or the time for it is over.
  /// Times are counted from `origin`, where the clients of a closed loop begin.
  void run(Clock::time_point start, Clock::time_point origin);

  /// When the messages of an open loop begin, where others have a say in it; else they do as soon
  /// as the clients are connected. Threads: any, while run() goes on.
  void begin(Clock::time_point origin);

  /// As Plan::parts() has them; the first also holds what belongs to none: the schedule and our
  /// lag.
  const std::vector<Tally>& parts() const { return parts_; }

  /// Before the bad clients came; empty if they were there from the beginning, or never.
  const Beginning& alone() const { return alone_; }

  /// For a run that finds out for itself what to leave out.
  const Beginnings& beginnings() const { return beginnings_; }

 private:
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>,
                                                  boost::asio::io_context::executor_type>;

  void drive(Clock::time_point start);
  void on_settled(Clock::time_point now) override;
  void on_done() override;
  void on_queue_full(const Destination& destination) override { full_.push_back(&destination); }
  bool queue_full(const Destination& destination) const override;
  void open_due(Clock::time_point start);
  void start_schedule(Clock::time_point now);
  void await_due();
  void on_due();
  bool send_due();
  void send_last(Clock::time_point now);
  void spin();
  void leave_asio();
  void publish();
  std::span<const Tally> good_parts() const;
  void watch_beginning(Clock::time_point now);
  void let_in_rude(Clock::time_point now);
  void schedule_tick(Clock::time_point now);
  void on_tick();
  void stop(Clock::time_point now);
  void measure_effort(Clock::time_point now);
  void cut(Clock::time_point now);
  void count_unhandled();
  Clock::duration sweep_interval() const;

  const Plan* plan_;
  std::uint32_t index_;
  Observer* observer_;
  Poller poller_;
  std::unique_ptr<Ring> ring_;  // on --engine uring
  // Its sockets are this thread's alone and need no locks.
  boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  Turns& turns_;
  PollerInAsio turns_in_asio_{turns_, context_};
  std::vector<char> room_ = std::vector<char>(largest_read);
  std::unique_ptr<TurnTimer> ticks_;
  std::unique_ptr<TurnTimer> dues_;
  Timer open_timer_;
  std::vector<Tally> parts_;
  Tally& tally_;
  ClientFactory factory_;  // outlives the clients
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<RudeClient>> rude_;
  Beginning alone_;  // before the bad clients came
  Beginnings beginnings_;
  Clock::time_point rude_from_{Clock::time_point::max()};
  std::vector<const Destination*> full_;  // those whose queues were, in this sweep
  std::size_t opened_ = 0;                // clients that were told to connect
  std::size_t busy_ = 0;                  // clients not done yet
  std::size_t connecting_ = 0;            // clients whose first attempt is under way
  std::optional<Pacer> pacer_;
  Clock::time_point origin_{};
  Clock::time_point measure_from_{};
  Clock::time_point began_{};
  Clock::time_point end_{Clock::time_point::max()};
  Clock::time_point next_sweep_{};
  Clock::time_point next_snapshot_{};
  Nanoseconds idle_{};  // while it spun
  bool without_asio_ = false;
  bool stopped_ = false;
};

}  // namespace contend::loadgen
