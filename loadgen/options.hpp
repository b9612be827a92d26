// What was typed, nothing resolved yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/shards.hpp"
#include "core/units.hpp"

#include "loadgen/assertion.hpp"
#include "loadgen/engine.hpp"
#include "loadgen/message_size.hpp"
#include "loadgen/mix.hpp"
#include "loadgen/pacer.hpp"
#include "loadgen/payload.hpp"
#include "loadgen/source_range.hpp"
#include "loadgen/tls_options.hpp"

namespace contend::loadgen {

/// How a thread waits for the next due time, and for what comes.
enum class Pacing {
  timer,  ///< sleeps: some 50 microseconds late, as timers are
  spin    ///< looks all the time: exact, and costs a core a thread
};

struct Options {
  bool calibrate = false;  ///< no load on a server: `loadgen calibrate`
  std::vector<std::string> targets;
  std::string spawn;
  std::optional<std::uint64_t> attach;  ///< the process of a server that runs already
  std::string name;

  std::uint64_t connections = 10;
  std::uint64_t threads = 1;
  std::optional<Nanoseconds> duration;
  std::optional<std::uint64_t> messages;
  std::uint64_t depth = 1;
  std::optional<double> rate;
  std::optional<Arrival> arrival;
  Pacing pacing = Pacing::timer;
  std::optional<Engine> engine;       ///< none: the faster one that the kernel allows
  std::optional<Nanoseconds> warmup;  ///< none: found by the run itself
  std::optional<Nanoseconds> drain;
  std::optional<std::uint64_t> seed;
  std::optional<Shard> shard;
  std::optional<Nanoseconds> start_at;  ///< since the epoch
  std::uint64_t workers = 1;
  bool ranks = false;  ///< these workers are on machines of their own
  std::optional<SourceRange> sources;
  std::optional<double> connect_rate;
  std::optional<Nanoseconds> ramp;
  std::string gate;  ///< the folder of the Job that this process carries out; empty: none
  Nanoseconds timeout = std::chrono::seconds(5);

  MessageSizes sizes{64};
  PayloadKind payload = PayloadKind::text;
  std::optional<std::string> message;
  std::string message_file;
  bool verify = true;

  TlsOptions tls;
  std::string script;
  std::vector<MixPart> mix;
  std::uint64_t churn = 1;

  std::vector<Assertion> assertions;
  std::vector<Assertion> find_max;  ///< what the highest rate must satisfy

  std::string json;
  std::string json_stream;
  std::string hdr_log;
  bool dry_run = false;
  bool allow_remote = false;

  std::string reproduce;               ///< the command line as typed
  std::vector<std::string> arguments;  ///< the same in words, without the program
};

/// Reads a command line. Holds the exit code instead when the program is already done: help,
/// version, or a sentence about what is wrong.
std::variant<Options, int> parse_options(int argc, const char* const* argv);

}  // namespace contend::loadgen
