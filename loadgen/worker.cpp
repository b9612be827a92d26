#include "loadgen/worker.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>

#include <boost/asio/post.hpp>

#include "core/interrupt.hpp"

#include "loadgen/connection_cause.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

// How soon an interrupt is noticed, and a pause between connections is over.
constexpr Clock::duration tick = 50ms;
constexpr Clock::duration snapshot_interval = 250ms;
// Where clients wait for the full queue of a server.
constexpr Clock::duration ask_again = 10ms;
// Then answers get their turn.
constexpr int most_due_at_once = 64;
constexpr std::size_t most_opened_at_once = 64;
// A look in vain; if there is more between two of them, the thread was not on its core.
constexpr Clock::duration longest_look = 5us;

double cpu_nanoseconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e9 + static_cast<double>(used.tv_nsec);
}

/// How long the calling thread was ready but waited for a core. Zero where the kernel does not
/// tell.
double waited_nanoseconds() {
  std::ifstream file("/proc/thread-self/schedstat");  // "ran waited slices"
  double ran = 0;
  double waited = 0;
  file >> ran >> waited;
  return waited;
}

/// Whether, once all are opened and their schedule has begun, Asio has nothing to do.
bool does_without_asio(const Plan& plan) {
  return plan.rude.empty() && std::ranges::none_of(plan.destinations, [](const Destination& each) {
           return each.target.kind == Target::Kind::tls || each.target.kind == Target::Kind::udp;
         });
}

std::unique_ptr<Ring> ring_for(const Plan& plan) {
  if (plan.engine != Engine::uring) return nullptr;
  return std::make_unique<Ring>(
      RingLoad{.sockets = (plan.clients_here() + plan.threads - 1) / plan.threads,
               .most_at_a_time = read_buffer_size(plan) - 1,
               .sends_fit = sends_fit(plan)});
}

}  // namespace

Worker::Worker(const Plan& plan, std::uint32_t index, Observer& observer)
    : plan_(&plan),
      index_(index),
      observer_(&observer),
      ring_(ring_for(plan)),
      turns_(ring_ ? static_cast<Turns&>(*ring_) : poller_),
      ticks_(turns_.timer([this] { on_tick(); })),
      dues_(turns_.timer([this] { on_due(); })),
      open_timer_(context_.get_executor()),
      parts_(plan.parts().size()),
      tally_(parts_.front()),
      factory_(plan) {
  for (std::uint32_t i = index; i < plan.clients_here(); i += plan.threads) {
    const std::uint32_t client = plan.client_at(i);
    clients_.push_back(factory_.make({.context = context_,
                                      .poller = poller_,
                                      .ring = ring_.get(),
                                      .room = room_,
                                      .plan = plan,
                                      .tally = parts_[plan.part_of(client)],
                                      .owner = *this},
                                     client));
  }
  for (std::uint32_t i = index; i < plan.rude_clients(); i += plan.threads) {
    const std::size_t part = plan.destinations.size() + plan.rude_group_of(i);
    rude_.push_back(factory_.make_rude(context_, i, parts_[part]));
  }
  busy_ = connecting_ = clients_.size();
  if (plan.finds_warmup) beginnings_ = Beginnings(plan.duration);
}

void Worker::run(Clock::time_point start, Clock::time_point origin) {
  origin_ = origin;
  began_ = start;
  drive(start);
  publish();
  if (!stopped_) measure_effort(Clock::now());
}

/// How much of the time until now this thread was busy, and how much it wanted to be.
void Worker::measure_effort(Clock::time_point now) {
  const double elapsed = std::chrono::duration<double, std::nano>(now - began_).count();
  const double waiting = std::chrono::duration<double, std::nano>(turns_.awake() + idle_).count();
  tally_.busiest_thread = std::max(0.0, cpu_nanoseconds() - waiting) / elapsed;
  tally_.longest_wait_for_core = waited_nanoseconds() / elapsed;
}

void Worker::publish() {
  if (plan_->destinations.size() == 1)
    return observer_->publish(index_, tally_, plan_->rate.has_value());
  Tally whole;
  for (std::size_t i = 0; i < plan_->destinations.size(); ++i) whole.merge(parts_[i]);
  observer_->publish(index_, whole, plan_->rate.has_value());
}

void Worker::drive(Clock::time_point start) {
  if (plan_->duration && !plan_->rate) end_ = start + *plan_->duration;
  if (plan_->finds_warmup && !plan_->rate) beginnings_.start(start);
  measure_from_ = origin_ + plan_->warmup;
  for (Tally& part : parts_) part.timeline.begin(origin_);
  if (!plan_->rate) tally_.late = start - origin_;
  if (ring_) ring_->begin();
  open_due(start);
  if (!rude_.empty()) rude_from_ = plan_->duration ? start + *plan_->duration / 3 : start;
  schedule_tick(Clock::now());
  if (busy_ > 0) turns_in_asio_.start();
  plan_->pacing == Pacing::spin ? spin() : static_cast<void>(context_.run());
  // May take long where the rate was beyond us, and answers were not to wait for it.
  if (stopped_) count_unhandled();
}

/// Asks what there is to do instead of waiting for it.
void Worker::spin() {
  constexpr auto busy = Clock::time_point::max();
  auto idle_since = busy;
  while (busy_ > 0) {
    const bool told = without_asio_ ? turns_.look() : context_.poll() > 0;
    const bool sent = pacer_ && send_due();
    if (told || sent) {
      idle_since = busy;
      continue;
    }
    const auto now = Clock::now();
    if (idle_since != busy) idle_ += std::min(now - idle_since, longest_look);
    idle_since = now;
  }
}

/// All are opened and their schedule has begun.
void Worker::leave_asio() {
  if (!does_without_asio(*plan_)) return;
  without_asio_ = true;
  if (plan_->pacing == Pacing::timer) turns_in_asio_.take_over();
}

/// Those clients whose time it is, and sees to it that the others follow.
void Worker::open_due(Clock::time_point start) {
  const std::size_t turn_ends = opened_ + most_opened_at_once;
  for (auto now = Clock::now(); opened_ < clients_.size(); ++opened_) {
    if (opened_ == turn_ends) {
      return boost::asio::post(context_, [this, start] {
        if (!stopped_) open_due(start);
      });
    }
    const auto client =
        plan_->client_at(static_cast<std::uint32_t>(opened_ * plan_->threads) + index_);
    const auto time = start + plan_->connect_after(client);
    if (time > now && time > (now = Clock::now())) {
      open_timer_.expires_at(time);
      return open_timer_.async_wait([this, start](const boost::system::error_code& error) {
        if (!error && !stopped_) open_due(start);
      });
    }
    clients_[opened_]->open(plan_->connect_rate ? now : Clock::now(), measure_from_);
  }
  if (!plan_->rate) leave_asio();
}

/// The schedule of an open loop begins when its clients are there to send.
void Worker::on_settled(Clock::time_point now) {
  if (--connecting_ > 0) return;
  observer_->settled();
  const bool told_when = plan_->start_at || !plan_->gate.empty();
  if (plan_->rate && !stopped_ && !told_when) start_schedule(now);
}

void Worker::begin(Clock::time_point origin) {
  boost::asio::post(context_, [this, origin] {
    if (stopped_ || busy_ == 0) return;
    tally_.late = std::max(Nanoseconds{0}, Nanoseconds(Clock::now() - origin));
    origin_ = origin;
    measure_from_ = origin + plan_->warmup;
    for (Tally& part : parts_) part.timeline.begin(origin);
    for (const auto& client : clients_) client->begin(origin, measure_from_);
    start_schedule(origin);
  });
}

void Worker::on_done() {
  if (--busy_ > 0) return;
  for (const auto& client : rude_) client->cut(Clock::now());
  turns_in_asio_.stop();
  ticks_->cancel();
  dues_->cancel();
  open_timer_.cancel();
}

void Worker::start_schedule(Clock::time_point now) {
  const Schedule schedule{.arrival = plan_->arrival,
                          .rate_per_second = *plan_->rate,
                          .seed = plan_->seed,
                          .clients = plan_->connections,
                          .messages = plan_->messages};
  std::vector<std::uint32_t> mine;
  for (std::uint32_t i = index_; i < plan_->clients_here(); i += plan_->threads) {
    mine.push_back(plan_->client_at(i));
  }
  if (plan_->duration) end_ = now + *plan_->duration;
  if (plan_->finds_warmup) beginnings_.start(now);
  pacer_.emplace(schedule, now, end_, std::move(mine));
  if (plan_->pacing == Pacing::timer) await_due();
  leave_asio();
}

void Worker::await_due() {
  if (busy_ == 0 || stopped_ || pacer_->next() == Clock::time_point::max()) return;
  dues_->expire_at(pacer_->next());
}

void Worker::on_due() {
  if (busy_ == 0) return;
  send_due();
  await_due();
}

/// Whether anything was due.
bool Worker::send_due() {
  int handled = 0;
  for (; handled < most_due_at_once && !stopped_; ++handled) {
    const auto now = Clock::now();
    const auto due = pacer_->next();
    if (due > now) break;
    ++tally_.planned;
    if (due >= measure_from_) tally_.lag.record(now - due);
    Client& client = *clients_[pacer_->whose()];
    if (client.usable()) {
      client.add_due(due, now);
    } else if (due >= measure_from_) {
      // Its client is no more, but a user would wait all the same.
      tally_.intended.record(pacer_->end() - due);
    }
    pacer_->advance();
    if (pacer_->next() == Clock::time_point::max() && !plan_->duration) stop(now);
  }
  return handled > 0;
}

/// What became due since the last look, and no more than that: who is further behind was the limit.
void Worker::send_last(Clock::time_point now) {
  while (pacer_ && pacer_->next() <= now && now - pacer_->next() < tick && send_due()) continue;
}

void Worker::schedule_tick(Clock::time_point now) {
  if (busy_ == 0) return;
  const auto end = stopped_ ? end_ + plan_->drain : std::min(end_, beginnings_.next());
  ticks_->expire_at(std::max(now, std::min(now + std::min(tick, sweep_interval()), end)));
}

/// In a run of known length the good clients are alone for a third of it, so that its report can
/// tell what the others did to them.
void Worker::let_in_rude(Clock::time_point now) {
  rude_from_ = Clock::time_point::max();
  if (plan_->duration) {
    alone_.length = std::max(Nanoseconds{0}, Nanoseconds(now - origin_));
    for (const Tally& part : good_parts()) alone_.add(part);
  }
  for (const auto& client : rude_) client->open(now);
}

/// One for each target; those of the bad clients follow.
std::span<const Tally> Worker::good_parts() const {
  return std::span(parts_).first(plan_->destinations.size());
}

void Worker::watch_beginning(Clock::time_point now) {
  beginnings_.keep(now, good_parts());
}

void Worker::on_tick() {
  if (busy_ == 0) return;
  const auto now = Clock::now();
  if (!stopped_ && (now >= end_ || interrupted())) {
    send_last(now);
    if (!stopped_) stop(now);
  }
  if (stopped_ && now >= end_ + plan_->drain) return cut(now);
  if (now >= beginnings_.next()) watch_beginning(now);
  if (now >= rude_from_ && !stopped_) let_in_rude(now);
  if (now >= next_snapshot_) {
    next_snapshot_ = now + snapshot_interval;
    publish();
  }
  if (now >= next_sweep_) {
    full_.clear();
    for (const auto& client : clients_) client->sweep(now);
    for (const auto& client : rude_) client->sweep(now);
    next_sweep_ = now + sweep_interval();
  }
  schedule_tick(now);
}

bool Worker::queue_full(const Destination& destination) const {
  return std::ranges::find(full_, &destination) != full_.end();
}

/// A timeout is noticed at most a sixteenth of itself too late.
Clock::duration Worker::sweep_interval() const {
  return std::clamp<Clock::duration>(plan_->timeout / 16, 1ms, full_.empty() ? tick : ask_again);
}

void Worker::stop(Clock::time_point now) {
  measure_effort(now);
  stopped_ = true;
  end_ = std::min(end_, now);
  tally_.unconnected = connecting_;
  for (std::size_t i = 0; i < opened_; ++i) clients_[i]->stop(now);
  for (std::size_t i = opened_; i < clients_.size(); ++i) clients_[i]->cut(now);
}

/// What was due before the end and did not even get its turn is in the plan all the same.
void Worker::count_unhandled() {
  for (; pacer_ && pacer_->next() < end_; pacer_->advance()) {
    ++tally_.planned;
    if (pacer_->next() < measure_from_) continue;
    tally_.lag.record(end_ - pacer_->next());
    tally_.intended.record(end_ - pacer_->next());
  }
}

void Worker::cut(Clock::time_point now) {
  for (const auto& client : clients_) client->cut(now);
}

}  // namespace contend::loadgen
