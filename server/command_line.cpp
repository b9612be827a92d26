#include "server/command_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "core/command_line.hpp"
#include "core/print.hpp"

#include "server/fault.hpp"
#include "server/models.hpp"

namespace contend::server {
namespace {

constexpr std::uint64_t largest_chunk = 64 * 1024 * 1024;

Expected<std::string> parse_model(std::string_view text) {
  if (find_model(text) != nullptr) return std::string(text);
  return usage_error(fmt::format("there is no model \"{}\" (there are {})", text, model_names()));
}

Expected<std::uint16_t> parse_port(std::string_view text) {
  const Expected<std::uint64_t> port = parse_count(text);
  if (!port || *port > 65535) {
    return usage_error(fmt::format("\"{}\" is not a port (0 … 65535)", text));
  }
  return static_cast<std::uint16_t>(*port);
}

Expected<std::size_t> parse_chunk(std::string_view text) {
  const Expected<std::uint64_t> bytes = parse_bytes(text);
  if (!bytes) return bytes.error();
  if (*bytes == 0 || *bytes > largest_chunk) {
    return usage_error(fmt::format("\"{}\" is not a read size (1 … 64M)", text));
  }
  return static_cast<std::size_t>(*bytes);
}

Expected<unsigned> parse_threads(std::string_view text) {
  const Expected<std::uint64_t> threads = parse_count(text);
  if (!threads || *threads == 0 || *threads > 1024) {
    return usage_error(fmt::format("\"{}\" is not a number of threads (1 … 1024)", text));
  }
  return static_cast<unsigned>(*threads);
}

Expected<std::size_t> parse_connections(std::string_view text) {
  const Expected<std::uint64_t> connections = parse_count(text);
  if (!connections || *connections == 0) {
    return usage_error(fmt::format("\"{}\" is not a number of connections (1 or more)", text));
  }
  return static_cast<std::size_t>(*connections);
}

Expected<Nanoseconds> parse_timeout(std::string_view text) {
  const Expected<Nanoseconds> timeout = parse_duration(text);
  if (timeout && *timeout == Nanoseconds::zero()) {
    return usage_error(fmt::format("\"{}\" is not a timeout: it must be above zero", text));
  }
  return timeout;
}

/// "NAME" or "NAME:RATE".
Expected<FaultOption> parse_fault(std::string_view text) {
  const std::size_t colon = text.find(':');
  FaultOption fault{std::string(text.substr(0, colon))};
  if (find_fault(fault.name) == nullptr) {
    return usage_error(fmt::format("there is no fault \"{}\" (see --list)", fault.name));
  }
  if (colon == std::string_view::npos) return fault;
  const std::string_view rate = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(rate.data(), rate.data() + rate.size(), fault.rate);
  if (error != std::errc() || end != rate.data() + rate.size() ||
      !(fault.rate >= 0 && fault.rate <= 1)) {
    return usage_error(fmt::format("\"{}\" is not a probability (0 … 1)", rate));
  }
  return fault;
}

std::string list_of_faults() {
  std::string text;
  for (const Fault& fault : all_faults()) {
    text += fmt::format("{:<12} {}; a tester must see {}\n", fault.name, fault.what, fault.finding);
  }
  return text;
}

Expected<CounterKind> parse_counter(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, CounterKind>, 4> kinds{
      {{"none", CounterKind::none},
       {"plain", CounterKind::plain},
       {"mutex", CounterKind::mutex},
       {"atomic", CounterKind::atomic}}};
  const auto* found = std::ranges::find(kinds, text, &decltype(kinds)::value_type::first);
  if (found != kinds.end()) return found->second;
  return usage_error(fmt::format("\"{}\" is not one of none, plain, mutex, atomic", text));
}

void add_place(CLI::App& app, Options& options) {
  const std::string group = "Where";
  app.add_option("--host", options.host, "address to listen on (default 127.0.0.1)")->group(group);
  add_parsed(app, "--port", options.port, parse_port, "port; 0 picks a free one (default)")
      ->group(group);
  app.add_option("--unix", options.unix_path, "listen on a Unix socket at this path instead")
      ->group(group)
      ->excludes("--host")
      ->excludes("--port");
}

void add_udp(CLI::App& app, Options& options) {
  CLI::Option* udp = app.add_flag("--udp", options.udp,
                                  "echo datagrams (sequential, coroutine, sharded, uring: the "
                                  "models that do not live by connections)");
  udp->group("Where");
  for (const char* of_connections : {"--unix", "--chunk", "--close-on-blank", "--max-connections",
                                     "--idle-timeout", "--tls-cert", "--tls-key"}) {
    udp->excludes(of_connections);
  }
}

/// What --udp cannot be asked together with, beyond options that it excludes.
Expected<void> check_udp(const Options& options) {
  if (!options.udp) return {};
  if (!find_model(options.model)->datagrams) {
    return usage_error(fmt::format(
        "--udp: model {} lives by connections, and UDP has none (sequential, coroutine, sharded "
        "and uring echo datagrams)",
        options.model));
  }
  for (const FaultOption& fault : options.faults) {
    if (fault.name == "crosstalk" || fault.name == "stall" || fault.name == "reset") {
      return usage_error(
          fmt::format("--udp: fault {} needs connections, and UDP has none", fault.name));
    }
  }
  return {};
}

void add_tls(CLI::App& app, Options& options) {
  const std::string group = "TLS";
  CLI::Option* certificate =
      app.add_option("--tls-cert", options.tls_cert,
                     "speak TLS with the certificate (and chain) in this PEM file");
  CLI::Option* key = app.add_option("--tls-key", options.tls_key, "its key, PEM, unencrypted");
  certificate->group(group)->needs(key);
  key->group(group)->needs(certificate);
}

void add_service(CLI::App& app, Options& options) {
  const std::string group = "Service";
  add_parsed(app, "--model", options.model, parse_model, "concurrency model, see --list")
      ->group(group);
  add_parsed(app, "--chunk", options.chunk, parse_chunk, "bytes per read (default 64k)")
      ->group(group);
  add_parsed(app, "--delay", options.delay, parse_duration, "sleep before each echo")->group(group);
  app.add_flag("--close-on-blank", options.close_on_blank, "a blank line ends the connection")
      ->group(group);
  add_parsed(app, "--counter", options.counter, parse_counter,
             "count connections and bytes in a shared n += …: none, plain (a race on purpose), "
             "mutex, atomic")
      ->group(group);
}

void add_faults(CLI::App& app, Options& options) {
  const std::string group = "Faults";
  app.add_option_function<std::vector<std::string>>(
         "--fault",
         [&options](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             const Expected<FaultOption> fault = parse_fault(text);
             if (!fault) throw CLI::ValidationError("--fault", fault.error().message);
             options.faults.push_back(*fault);
           }
         },
         "plant a defect, see --list; NAME or NAME:PROBABILITY per write; repeatable")
      ->group(group)
      ->expected(1)
      ->take_all();
  add_parsed(app, "--seed", options.seed, parse_count, "of the faults' dice (default 1)")
      ->group(group);
}

void add_limits(CLI::App& app, Options& options) {
  const std::string group = "Limits";
  add_parsed(app, "--threads", options.threads, parse_threads,
             "threads of pool and sharded (default: one a core, at least two)")
      ->group(group);
  add_parsed(app, "--max-connections", options.max_connections, parse_connections,
             "at a time; the surplus is accepted and closed (default: any number)")
      ->group(group);
  add_parsed(app, "--idle-timeout", options.idle_timeout, parse_timeout,
             "end a connection on which no byte has moved for so long (default: never)")
      ->group(group);
}

void add_life(CLI::App& app, Options& options) {
  const std::string group = "Life";
  app.add_option("--stats", options.stats,
                 "write counters as JSON to this file (or -) at exit and on SIGUSR1")
      ->group(group);
  add_parsed(app, "--drain", options.drain, parse_duration,
             "how long connections may take to finish after SIGTERM (default 5s)")
      ->group(group);
}

}  // namespace

std::variant<Options, int> parse_command_line(int argc, const char* const* argv) {
  Options options;
  bool list = false;
  CLI::App app;
  describe_program(app, "echo-server", "One echo service in each concurrency model.",
                   "blocking, epoll, io_uring\nmodels: " + model_names());
  add_service(app, options);
  add_place(app, options);
  add_tls(app, options);
  add_limits(app, options);
  add_faults(app, options);
  add_life(app, options);
  add_udp(app, options);  // after those that it excludes
  app.add_flag("--list", list, "list the models and what each teaches, and the faults");
  if (const auto code = parse(app, argc, argv)) return *code;
  if (const Expected<void> sane = check_udp(options); !sane) {
    return report_error("echo-server", sane.error());
  }
  if (!list) return options;
  const auto printed = print(stdout, fmt::format("{}\nfaults, for --fault NAME[:PROBABILITY]:\n{}",
                                                 list_of_models(), list_of_faults()));
  return printed ? 0 : report_error("echo-server", printed.error());
}

}  // namespace contend::server
