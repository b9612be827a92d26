#include "server/supervise.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/verdict.hpp"

#include "server/server.hpp"
#include "server/signals.hpp"
#include "server/stats.hpp"

namespace contend::server {
namespace {

using namespace std::chrono_literals;

constexpr int exit_drained = 0;
constexpr int exit_cut = 1;

/// Descriptors that nobody uses, so that a file can be written when connections have taken all
/// others: one for the file, and one for each loop that may be in accept() at that moment.
class SpareDescriptors {
 public:
  explicit SpareDescriptors(std::size_t count) : numbers_(count, -1) { take(); }
  SpareDescriptors(const SpareDescriptors&) = delete;
  SpareDescriptors& operator=(const SpareDescriptors&) = delete;
  ~SpareDescriptors() { give(); }

  /// As many as there are.
  void take() {
    for (int& number : numbers_) {
      if (number < 0) number = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
  }
  void give() {
    for (int& number : numbers_) {
      if (number >= 0) ::close(std::exchange(number, -1));
    }
  }

 private:
  std::vector<int> numbers_;  // -1: not there
};

Expected<void> write_stats(const Options& options, const Server& server) {
  if (!options.stats) return {};
  // While it is written nobody is accepted and no signal heard.
  const std::string place = *options.stats == "-" ? "/dev/stdout" : *options.stats;
  return write_file_within(2s, place, stats_json(server));
}

/// Often enough to end an idle connection within a tenth of its timeout.
Nanoseconds idle_look(const Options& options) {
  return options.idle_timeout ? std::max<Nanoseconds>(*options.idle_timeout / 20, 1ms) : 1h;
}

Expected<void> write_stats_of_running(const Options& options, Server& server,
                                      SpareDescriptors& spare) {
  server.service().hold_accepts(true);
  spare.give();
  Expected<void> written = write_stats(options, server);
  spare.take();
  server.service().hold_accepts(false);
  return written;
}

void serve_until_told(const Options& options, const Signals& signals, Server& server,
                      SpareDescriptors& spare) {
  while (true) {
    const std::optional<int> signal = signals.wait(idle_look(options));
    server.end_idle();
    if (signal == SIGINT || signal == SIGTERM) return;
    if (signal != SIGUSR1) continue;
    if (const Expected<void> written = write_stats_of_running(options, server, spare); !written) {
      fmt::print(stderr, "echo-server: {}\n", written.error().message);
    }
  }
}

/// True if a signal cut it short.
bool wait_for_drain(const Options& options, const Signals& signals, const Server& server) {
  const auto deadline = Clock::now() + options.drain;
  while (server.totals().active > 0 && Clock::now() < deadline) {
    const auto left = std::max<Clock::duration>(deadline - Clock::now(), 0ns);
    const std::optional<int> signal = signals.wait(std::min<Clock::duration>(left, 10ms));
    if (signal == SIGINT || signal == SIGTERM) return true;
  }
  return false;
}

/// What a storm of clients needed goes back to the machine: their buffers have pages of their own,
/// and the heap shrinks when they are gone. Set by hand, neither bound grows with what is freed. No
/// small pieces are put aside, which would keep the larger ones around them from becoming one.
void return_memory() {
  ::mallopt(M_MXFAST, 0);
  ::mallopt(M_MMAP_THRESHOLD, 32 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 256 * 1024);
}

}  // namespace

Expected<void> become_program_of_model(const Options& options, char** argv) {
  const Model* model = find_model(options.model);
  if (model == nullptr || model->program.empty()) return {};
  return become_program(std::string(model->program), argv);
}

Expected<int> serve(const Options& options) {
  return_memory();
  const Signals signals;
  if (options.stats && *options.stats != "-") {
    if (const Expected<void> writable = check_writable(*options.stats); !writable) {
      return writable.error();
    }
  }
  SpareDescriptors spare(loops_that_accept(options) + 1);  // before the first client can take one
  Expected<Server> server = Server::start(options);
  if (!server) return server.error();
  fmt::print("listening on {}\n", server->address());
  std::fflush(stdout);
  serve_until_told(options, signals, *server, spare);
  server->begin_drain();
  spare.give();
  const bool hurried = wait_for_drain(options, signals, *server);
  const bool cut = server->stop() > 0;
  if (const Expected<void> written = write_stats(options, *server); !written) {
    return written.error();
  }
  if (hurried) return exit_interrupted;
  return cut ? exit_cut : exit_drained;
}

}  // namespace contend::server
