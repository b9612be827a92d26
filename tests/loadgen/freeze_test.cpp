// A server that freezes must show in the latencies: played on a clock of our own, so exact.
#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "loadgen/pacer.hpp"
#include "loadgen/session.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

const Clock::time_point start{1h};
constexpr auto run_time = 10s;
constexpr auto freeze_at = 4s;
constexpr auto freeze_for = 1400ms;
constexpr auto answer_time = 10us;

/// A server that answers after answer_time, and not at all while it is frozen.
Clock::time_point answered(Clock::time_point sent) {
  const auto ready = sent + answer_time;
  const bool frozen = ready >= start + freeze_at && ready < start + freeze_at + freeze_for;
  return frozen ? start + freeze_at + freeze_for : ready;
}

void answer(Session& session, Clock::time_point now) {
  std::string bytes;
  std::array<char, 64> room;
  for (auto piece = session.to_write(now, room); !piece.empty();
       piece = session.to_write(now, room)) {
    bytes.append(piece.data(), piece.size());
    session.wrote(piece.size());
  }
  session.received(bytes, answered(now));
}

/// One client against that server, at a constant rate or as fast as it goes.
Tally play(bool open_loop) {
  const Wire wire(PayloadKind::text, MessageSizes(64), 1, true);
  Tally tally;
  Session session(wire, {.client = 0, .open_loop = open_loop}, tally);
  session.started(start, start);
  session.connected();
  Pacer pacer({Arrival::uniform, 1000, 1}, start, start + run_time, {0});
  auto now = start;
  while (now < start + run_time) {
    if (open_loop) {
      if (pacer.next() == Pacer::TimePoint::max()) break;
      now = std::max(now, pacer.next());
      session.add_due(pacer.next());
      pacer.advance();
    }
    session.top_up(now);
    answer(session, now);
    now = answered(now);
  }
  return tally;
}

/// What the schedule says: whoever is due during the freeze waits for its end.
double predicted_seconds(double q) {
  const double freeze = std::chrono::duration<double>(freeze_for).count();
  const double run = std::chrono::duration<double>(run_time).count();
  return freeze * (1 - (1 - q) * run / freeze);
}

TEST(Freeze, the_intended_quantiles_are_what_the_schedule_predicts) {
  const Tally tally = play(true);
  for (const double q : {0.9, 0.95, 0.99, 0.999}) {
    const double seconds = static_cast<double>(tally.intended.quantile(q)) / 1e9;
    EXPECT_NEAR(seconds, predicted_seconds(q), 0.1 * predicted_seconds(q) + 0.01) << q;
  }
}

TEST(Freeze, the_service_row_looks_harmless) {
  const Tally tally = play(true);
  EXPECT_LE(tally.service.quantile(0.999), 10'010);
}

TEST(Freeze, a_closed_loop_does_not_notice) {
  EXPECT_LE(play(false).service.quantile(0.9999), 10'010);
}

}  // namespace
}  // namespace contend::loadgen
