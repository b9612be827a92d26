#include "loadgen/options.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/command_line.hpp"
#include "core/process.hpp"

#include "loadgen/escapes.hpp"
#include "loadgen/job.hpp"

namespace contend::loadgen {
namespace {

Expected<std::uint64_t> parse_positive(std::string_view text) {
  const Expected<std::uint64_t> count = parse_count(text);
  if (count && *count == 0) return usage_error(fmt::format("\"{}\" is not at least 1", text));
  return count;
}

template <std::uint64_t most>
Expected<std::uint64_t> parse_up_to(std::string_view text) {
  const Expected<std::uint64_t> count = parse_positive(text);
  if (count && *count > most) return usage_error(fmt::format("\"{}\" is above {}", text, most));
  return count;
}

Expected<Nanoseconds> parse_some_time(std::string_view text) {
  const Expected<Nanoseconds> time = parse_duration(text);
  if (time && *time <= Nanoseconds{0}) {
    return usage_error(fmt::format("\"{}\" is not a time above zero", text));
  }
  return time;
}

Expected<Shard> parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto index = parse_count(text.substr(0, slash));
  const auto of = slash == text.npos ? index : parse_count(text.substr(slash + 1));
  constexpr std::uint64_t most = 1'000'000;
  if (slash == text.npos || !index || !of || *of > most || *index >= *of) {
    return usage_error(fmt::format("\"{}\" is not I/N with I from 0 and below N, as in 0/4", text));
  }
  return Shard{static_cast<std::uint32_t>(*index), static_cast<std::uint32_t>(*of)};
}

Expected<Nanoseconds> parse_moment(std::string_view text) {
  const Expected<Nanoseconds> time = parse_duration(text);
  const bool digits = text.find_first_not_of("0123456789.") == text.npos;
  // A small number is a duration by mistake.
  if (!time || !digits || *time < std::chrono::hours(24 * 365)) {
    return usage_error(fmt::format("\"{}\" is not a time in seconds since 1970", text));
  }
  return time;
}

Expected<Arrival> parse_arrival(std::string_view text) {
  if (text == "poisson") return Arrival::poisson;
  if (text == "uniform") return Arrival::uniform;
  return usage_error(fmt::format("\"{}\" is neither poisson nor uniform", text));
}

Expected<Pacing> parse_pacing(std::string_view text) {
  if (text == "timer") return Pacing::timer;
  if (text == "spin") return Pacing::spin;
  return usage_error(fmt::format("\"{}\" is neither timer nor spin", text));
}

constexpr const char* engines = "asio, uring";

Expected<Engine> parse_engine(std::string_view text) {
  if (text == "asio") return Engine::asio;
  if (text == "uring") return Engine::uring;
  return usage_error(fmt::format("\"{}\" is neither asio nor uring", text));
}

Expected<PayloadKind> parse_payload(std::string_view text) {
  if (text == "text") return PayloadKind::text;
  if (text == "binary") return PayloadKind::binary;
  return usage_error(fmt::format("\"{}\" is neither text nor binary", text));
}

Expected<bool> parse_verify(std::string_view text) {
  if (text == "full") return true;
  if (text == "off") return false;
  return usage_error(fmt::format("\"{}\" is neither full nor off", text));
}

Expected<std::vector<Assertion>> parse_assertions(std::string_view texts) {
  std::vector<Assertion> all;
  for (std::size_t from = 0; from <= texts.size();) {
    const std::size_t to = std::min(texts.find(',', from), texts.size());
    const Expected<Assertion> one = parse_assertion(texts.substr(from, to - from));
    if (!one) return one.error();
    all.push_back(*one);
    from = to + 1;
  }
  return all;
}

void add_engine(CLI::App& app, Options& options) {
  add_parsed(app, "--engine", options.engine, parse_engine,
             "What moves the bytes of TCP and Unix sockets: asio (epoll) or uring (io_uring, where "
             "the kernel allows it)");
}

void add_load(CLI::App& app, Options& options) {
  add_parsed(app, "-c,--connections", options.connections, parse_up_to<1'000'000>,
             "Clients at once (10)");
  add_parsed(app, "-t,--threads", options.threads, parse_up_to<256>, "Threads that drive them (1)");
  add_parsed(app, "-d,--duration", options.duration, parse_some_time,
             "How long to send (10s, if -n is not given)");
  add_parsed(app, "-n,--messages", options.messages, parse_positive,
             "How many messages in all, split evenly over the clients");
  add_parsed(app, "-p,--pipeline", options.depth, parse_up_to<1'000'000>,
             "Messages each client keeps in flight (1)");
  add_parsed(app, "--timeout", options.timeout, parse_some_time,
             "How long a client waits for an answer (5s)");
  add_parsed(app, "--seed", options.seed, parse_count, "Makes the payload the same again (random)");
}

void add_pacer(CLI::App& app, Options& options) {
  add_parsed(app, "--pacer", options.pacing, parse_pacing,
             "timer, or spin: exact due times, and answers seen at once, for a core a thread "
             "(timer)");
}

void add_time(CLI::App& app, Options& options) {
  add_parsed(app, "-R,--rate", options.rate, parse_rate,
             "Open loop: messages a second in all, due whatever the server does");
  add_parsed(app, "--arrival", options.arrival, parse_arrival,
             "Gaps between due times: poisson or uniform (poisson)");
  add_pacer(app, options);
  add_parsed(app, "--warmup", options.warmup, parse_duration,
             "Leave the latencies of this first part of the run out (until it is stationary, at "
             "most a tenth of it)");
  add_parsed(app, "--drain", options.drain, parse_duration,
             "How long to wait for answers at the end (1s)");
}

void add_scale(CLI::App& app, Options& options) {
  add_parsed(app, "--source-ip", options.sources, SourceRange::parse,
             "Connect from this address, or from those of a range: 127.0.0.0/8");
  add_parsed(app, "--connect-rate", options.connect_rate, parse_rate,
             "Clients that start to connect a second (all at once)");
  add_parsed(app, "--ramp", options.ramp, parse_some_time,
             "Or: spread the start of all clients over this time");
  add_parsed(app, "--shard", options.shard, parse_shard,
             "I/N: carry out part I (from 0) of N of the plan; contend merge joins the reports");
  add_parsed(app, "--workers", options.workers, parse_up_to<1000>,
             "Processes that share the clients, each with its own descriptors (1)");
  add_engine(app, options);
  add_parsed(app, "--start-at", options.start_at, parse_moment,
             "Begin at this time, in seconds since 1970 as `date +%s` prints them");
}

void add_payload(CLI::App& app, Options& options) {
  CLI::Option* size = add_parsed(app, "-s,--size", options.sizes, MessageSizes::parse,
                                 "Bytes a message: 64, 64..4k, or 64:90,1M:10 by weight (64)");
  CLI::Option* kind = add_parsed(app, "--payload", options.payload, parse_payload,
                                 "text: printable, ends in a newline; binary: any byte (text)");
  CLI::Option* message =
      add_parsed(app, "--message", options.message, unescape,
                 "Send TEXT every time, with \\n \\r \\t \\0 \\xHH, and want the same back")
          ->excludes(size, kind);
  app.add_option("--message-file", options.message_file, "Send the bytes of FILE every time")
      ->type_name("FILE")
      ->excludes(size, kind, message);
  add_parsed(app, "--verify", options.verify, parse_verify,
             "full: compare every byte that comes back; off: only count (full)");
  app.add_option("--script", options.script,
                 "Send and expect what FILE says; redis, http and memcached are included")
      ->type_name("FILE")
      ->excludes(size, kind, message, "--message-file", "--verify");
}

void add_server(CLI::App& app, Options& options) {
  app.add_option("TARGET", options.targets,
                 "HOST:PORT, tcp://, tls://, udp:// or unix:PATH; clients are spread over several");
  app.add_option("--spawn", options.spawn,
                 "Start this command as the server, {port} replaced by a free port; stop it at the "
                 "end");
  add_parsed(app, "--attach", options.attach, parse_up_to<4'194'304>,
             "Watch the CPU, memory and descriptors of the server's process PID");
  app.add_option("--name", options.name, "What the case is called in the report (the target)");
  app.add_flag("--allow-remote", options.allow_remote, "Let TARGET be a public address");
}

void add_mix(CLI::App& app, Options& options) {
  CLI::Option* mix =
      add_parsed(app, "--mix", options.mix, parse_mix,
                 "Kinds of clients by weight: normal=90,slow-reader=4, and dribble, fragments, "
                 "half-close, reset, idle, churn, storm, big")
          ->excludes("--script");
  add_parsed(app, "--churn", options.churn, parse_positive,
             "Messages a connection of a churning client (1)")
      ->needs(mix);
}

void add_tls(CLI::App& app, Options& options) {
  CLI::Option* authorities =
      app.add_option("--tls-ca", options.tls.authorities,
                     "Trust the certificates in FILE (PEM) instead of the system's")
          ->type_name("FILE");
  app.add_flag("--insecure", options.tls.insecure, "Take any certificate")->excludes(authorities);
}

void add_verdict(CLI::App& app, Options& options) {
  app.add_option_function<std::vector<std::string>>(
         "--assert",
         [&options](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             const Expected<Assertion> assertion = parse_assertion(text);
             if (!assertion) throw CLI::ValidationError("--assert", assertion.error().message);
             options.assertions.push_back(*assertion);
           }
         },
         "Fail unless it holds: 'p99<5ms', 'errors==0', 'rate>=10k', any metric; repeatable")
      ->allow_extra_args(false);
  add_parsed(app, "--find-max", options.find_max, parse_assertions,
             "Find the highest rate at which all hold: 'p99<5ms,errors==0'; -R is the first rate "
             "(1000), -d the time at each (2s)");
}

void add_report(CLI::App& app, Options& options) {
  app.add_option("--json", options.json, "Write the report to FILE, or - for standard output")
      ->type_name("FILE");
  app.add_option("--json-stream", options.json_stream,
                 "Write one JSON object a second to FILE, or - for standard output")
      ->type_name("FILE");
  app.add_option("--hdr-log", options.hdr_log, "Write the latencies as an HdrHistogram log")
      ->type_name("FILE");
  app.add_flag("--dry-run", options.dry_run, "Print the plan as JSON and do nothing");
}

/// `loadgen calibrate`: the options that say what kind of load a ceiling is of.
std::variant<Options, int> parse_calibrate(int argc, const char* const* argv) {
  Options options;
  options.calibrate = true;
  options.connections = 50;
  CLI::App app;
  describe_program(app, "loadgen calibrate",
                   "Learns how many messages a second loadgen itself can make on this machine; "
                   "without options, of the loads that are usual",
                   engines);
  add_parsed(app, "-c,--connections", options.connections, parse_up_to<10'000>,
             "Clients at once (50)");
  add_parsed(app, "-t,--threads", options.threads, parse_up_to<256>, "Threads that drive them (1)");
  add_parsed(app, "-p,--pipeline", options.depth, parse_up_to<1'000'000>,
             "Messages each client keeps in flight (1)");
  add_parsed(app, "-s,--size", options.sizes, MessageSizes::parse, "Bytes a message (64)");
  add_parsed(app, "--payload", options.payload, parse_payload, "text or binary (text)");
  add_parsed(app, "--verify", options.verify, parse_verify, "full or off (full)");
  add_engine(app, options);
  add_pacer(app, options);
  if (const auto done = parse(app, argc, argv)) return *done;
  options.arguments.assign(argv + 1, argv + argc);
  return options;
}

}  // namespace

std::variant<Options, int> parse_options(int argc, const char* const* argv) {
  if (argc > 1 && std::string_view(argv[1]) == "calibrate") {
    return parse_calibrate(argc - 1, argv + 1);
  }
  Options options;
  CLI::App app;
  describe_program(app, "loadgen",
                   "Drives a server with many clients at once, checks every byte that comes back, "
                   "and reports latency. `loadgen calibrate` learns what this machine can do",
                   engines);
  add_server(app, options);
  add_load(app, options);
  add_time(app, options);
  add_scale(app, options);
  std::string part_file;  // of one of our own processes
  app.add_option("--as", part_file)->group("");
  add_payload(app, options);
  add_mix(app, options);
  add_tls(app, options);
  add_verdict(app, options);
  add_report(app, options);
  if (const auto done = parse(app, argc, argv)) return *done;
  if (!part_file.empty()) {
    if (const auto fine = become_part(part_file, options); !fine) {
      return report_error("loadgen", fine.error());
    }
  }
  options.arguments.assign(argv + 1, argv + argc);
  options.reproduce = quote_words(std::vector<std::string>(argv, argv + argc));
  return options;
}

}  // namespace contend::loadgen
