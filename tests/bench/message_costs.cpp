// What a message costs loadgen beside the kernel and Asio, in processor time. `message`: being
// written, verified, timed and recorded by a Session that plays against an echo in memory, with one
// look at the clock a turn, as Ring has it; `looks` is what --no-verify takes away. The others are
// parts of it: what an engineer would not pay for who only wants messages to go round.
//
//   message_costs
#include <cstring>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "loadgen/session.hpp"

namespace {

using namespace contend::loadgen;

void message(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const auto depth = static_cast<std::size_t>(state.range(1));
  const Wire wire(PayloadKind::text, MessageSizes(size), 1, state.range(2) != 0);
  const auto tally = std::make_unique<Tally>();
  Session session(wire, {.client = 5, .depth = depth}, *tally);
  session.started(Clock::now(), {});
  session.connected();
  std::vector<char> room(session.room_to_write());
  std::vector<char> echo(size * depth);
  for (auto _ : state) {
    const auto now = Clock::now();
    session.top_up(now);
    std::size_t count = 0;
    for (auto bytes = session.to_write(now, room); !bytes.empty();
         bytes = session.to_write(now, room)) {
      std::memcpy(echo.data() + count, bytes.data(), bytes.size());
      count += bytes.size();
      session.wrote(bytes.size());
    }
    if (!session.received({echo.data(), count}, now)) {
      state.SkipWithError("an echo was wrong");
      return;
    }
  }
  if (tally->answered != tally->sent) state.SkipWithError("an echo is missing");
  state.SetItemsProcessed(static_cast<std::int64_t>(tally->answered));
}

BENCHMARK(message)
    ->ArgNames({"bytes", "depth", "looks"})
    ->ArgsProduct({{64, 4096}, {1, 16, 1024}, {0, 1}});

void verifying(benchmark::State& state) {
  constexpr std::uint64_t messages = 50;  // as many buffers as a usual run has
  const auto size = static_cast<std::size_t>(state.range(0));
  const Wire wire(PayloadKind::text, MessageSizes(size), 1, true);
  std::string echoes;
  for (std::uint64_t i = 0; i < messages; ++i) echoes += wire.payload.bytes({5, i}, size, 0, size);
  Verifier verifier(wire, 5);
  for (auto _ : state) {
    if (verifier.next() == messages) verifier.restart(0);
    const std::size_t at = verifier.next() * size;
    verifier.accept(std::span(echoes).subspan(at, size), messages);
  }
  if (verifier.broken()) state.SkipWithError("an echo was wrong");
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(verifying)->ArgName("bytes")->Arg(64)->Arg(4096);

/// A message that begins and one that is answered, over latencies of a whole octave.
class Accounted : public Account {
 public:
  using Account::Account;
  void one(Clock::time_point began, Clock::time_point answered) {
    top_up(began);
    complete(answered);
  }
};

void recording(benchmark::State& state) {
  const auto tally = std::make_unique<Tally>();
  const auto start = Clock::now();
  tally->timeline.begin(start);
  Accounted account({.client = 5}, *tally);
  account.started(start, start);
  auto now = start;
  for (std::int64_t i = 0; auto _ : state) {
    const auto began = now;
    now += std::chrono::nanoseconds(200'000 + (++i * 7919) % 200'000);
    account.one(began, now);
  }
  if (tally->answered != tally->service.count()) state.SkipWithError("an answer is missing");
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(recording);

void look_at_the_clock(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Clock::now());
}

BENCHMARK(look_at_the_clock);

}  // namespace

BENCHMARK_MAIN();
