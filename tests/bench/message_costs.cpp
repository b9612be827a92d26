// What a message costs loadgen beside the kernel and Asio: being written, verified, timed and
// recorded by a Session that plays against an echo in memory. Processor time, one message an item.
// `looks` is what --no-verify takes away.
//
//   message_costs
#include <cstring>
#include <memory>

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
    if (!session.received({echo.data(), count}, Clock::now())) {
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

}  // namespace

BENCHMARK_MAIN();
