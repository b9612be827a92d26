#include "loadgen/plan.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <random>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "core/file.hpp"
#include "core/process.hpp"

#include "loadgen/budget.hpp"
#include "loadgen/plan_talk.hpp"
#include "loadgen/port.hpp"

namespace contend::loadgen {
namespace {

constexpr std::string_view port_word = "{port}";
// Each is accounted for apart, which takes a megabyte a thread.
constexpr std::size_t most_targets = 64;

std::string with_port(std::string text, std::uint16_t port) {
  for (auto at = text.find(port_word); at != std::string::npos; at = text.find(port_word)) {
    text.replace(at, port_word.size(), std::to_string(port));
  }
  return text;
}

/// Chooses the port of a server that we start, and puts it where {port} stands; the targets as
/// text.
Expected<std::vector<std::string>> plan_server(const Options& options, Plan& plan) {
  std::vector<std::string> targets = options.targets;
  if (options.spawn.empty()) return targets;
  const Expected<std::vector<std::string>> words = split_words(options.spawn);
  if (!words) return usage_error("--spawn: " + words.error().message);
  const auto has_word = [](const std::string& text) {
    return text.find(port_word) != std::string::npos;
  };
  const bool wants_port = has_word(options.spawn) || std::ranges::any_of(targets, has_word);
  if (!wants_port && targets.empty()) {
    return usage_error("--spawn: the command has no {port}, so TARGET is needed");
  }
  std::uint16_t port = 0;
  if (wants_port) {
    const Expected<std::uint16_t> free = free_port();
    if (!free) return free.error();
    port = *free;
  }
  for (const std::string& word : *words) plan.server.push_back(with_port(word, port));
  if (targets.empty()) targets.push_back("127.0.0.1:{port}");
  for (std::string& target : targets) target = with_port(target, port);
  return targets;
}

Expected<void> plan_targets(const Options& options, Plan& plan) {
  const Expected<std::vector<std::string>> texts = plan_server(options, plan);
  if (!texts) return texts.error();
  if (texts->size() > most_targets) {
    return usage_error(fmt::format("TARGET: {} of them are above {}", texts->size(), most_targets));
  }
  for (const std::string& text : *texts) {
    const Expected<Target> target = parse_target(text);
    if (!target) return target.error();
    Expected<std::vector<Address>> addresses = resolve(*target, options.allow_remote);
    if (!addresses) return addresses.error();
    plan.destinations.push_back({*target, std::move(*addresses)});
  }
  return {};
}

std::string default_name(const Plan& plan) {
  if (!plan.server.empty()) return std::filesystem::path(plan.server[0]).filename();
  if (plan.destinations.size() > 1) return fmt::format("{}-targets", plan.destinations.size());
  const Target& target = plan.destinations.front().target;
  if (target.kind == Target::Kind::unix_stream)
    return std::filesystem::path(target.host).filename();
  return to_string(target);
}

std::uint64_t random_seed() {
  std::random_device device;
  // 32 bits: short enough to type again, and exact in JSON.
  return device();
}

// Messages a second, several times what a machine can send. What is due is gone through one by one,
// sent or not, so that even this takes its time when the run is over.
constexpr double highest_rate = 100e6;

Expected<void> check_load(const Options& options, const Plan& plan) {
  if (options.rate && *options.rate > highest_rate) {
    return usage_error("--rate: at most 100M messages a second");
  }
  const bool open_loop = options.rate || !options.find_max.empty();
  if (!open_loop && options.arrival) {
    return usage_error("--arrival: needs --rate, since a closed loop has no due times");
  }
  if (!options.find_max.empty() && options.messages) {
    return usage_error("--find-max: needs --duration, since the time at each rate is what counts");
  }
  if (!options.find_max.empty() && !options.hdr_log.empty()) {
    return usage_error("--find-max: makes many runs, and --hdr-log is of one");
  }
  if (plan.duration && plan.warmup >= *plan.duration) {
    return usage_error(fmt::format("--warmup: {} is not less than --duration {}",
                                   format_duration(plan.warmup), format_duration(*plan.duration)));
  }
  return {};
}

Expected<void> check_workers(const Options& options, const Plan& plan) {
  const bool divided = plan.workers > 1 || options.shard;
  if (divided && !options.find_max.empty()) {
    return usage_error("--find-max: is for one process, not for --workers or --shard");
  }
  if (plan.workers == 1) return {};
  if (options.shard) return usage_error("--workers: a --shard is one process; start more shards");
  if (options.start_at)
    return usage_error("--workers: they agree on a start; --start-at is for --shard");
  if (plan.workers > plan.connections) {
    return usage_error(fmt::format("--workers: {} clients cannot be shared by {} processes",
                                   plan.connections, plan.workers));
  }
  return {};
}

/// From where, and how fast.
Expected<void> plan_connecting(const Options& options, Plan& plan) {
  plan.sources = options.sources;
  plan.connect_rate = options.connect_rate;
  if (options.ramp && options.connect_rate) {
    return usage_error("--ramp: says the same as --connect-rate; give one of them");
  }
  if (options.ramp) {
    plan.connect_rate = plan.connections * 1e9 / static_cast<double>(options.ramp->count());
  }
  const Nanoseconds last = plan.connect_after(plan.connections - 1);
  if (!plan.rate && options.find_max.empty() && plan.duration && last >= *plan.duration) {
    return usage_error(fmt::format("{}: the last client would start after {}, and --duration is {}",
                                   options.ramp ? "--ramp" : "--connect-rate",
                                   format_duration(last), format_duration(*plan.duration)));
  }
  return {};
}

Expected<void> check_budget(const Options& options, const Plan& plan) {
  const auto enough =
      check_descriptors(plan.clients_of_process() + plan.rude_clients(), plan.threads);
  if (!enough) return enough;
  std::vector<const Address*> targets;
  for (const Destination& each : plan.destinations) targets.push_back(&each.addresses.front());
  const std::uint32_t from_here = options.ranks ? plan.clients_of_process() : plan.clients_here();
  return check_ports(from_here, plan.sources, targets);
}

Expected<void> plan_shard(const Options& options, Plan& plan) {
  plan.start_at = options.start_at;
  plan.gate = options.gate;
  plan.workers = static_cast<std::uint32_t>(options.workers);
  plan.arguments = options.arguments;
  if (const auto fine = check_workers(options, plan); !fine) return fine;
  if (!options.shard) return {};
  plan.shard = *options.shard;
  if (plan.shard.of > plan.connections) {
    return usage_error(fmt::format("--shard: {} clients cannot be shared by {} shards",
                                   plan.connections, plan.shard.of));
  }
  if (plan.shard.whole()) return {};
  if (!options.seed) return usage_error("--shard: needs --seed, so that all shards have one plan");
  if (!options.start_at && options.gate.empty()) {
    return usage_error("--shard: needs --start-at, so that all shards begin at one time");
  }
  if (!options.spawn.empty()) {
    return usage_error("--shard: with --spawn each would start a server of its own");
  }
  if (!options.assertions.empty()) {
    return usage_error(
        "--shard: --assert would judge a part; hold the whole against `contend gate --limit`");
  }
  return {};
}

Expected<void> plan_load(const Options& options, Plan& plan) {
  plan.messages = options.messages;
  plan.duration = options.duration;
  if (!plan.messages && !plan.duration) {
    plan.duration = std::chrono::seconds(options.find_max.empty() ? 10 : 2);
  }
  plan.connections = static_cast<std::uint32_t>(options.connections);
  if (plan.messages && *plan.messages < plan.connections) {
    plan.connections = static_cast<std::uint32_t>(*plan.messages);
  }
  if (const auto fine = plan_shard(options, plan); !fine) return fine;
  if (const auto fine = plan_connecting(options, plan); !fine) return fine;
  plan.threads = std::min(static_cast<std::uint32_t>(options.threads), plan.clients_here());
  plan.depth = options.depth;
  plan.timeout = options.timeout;
  plan.drain =
      options.drain.value_or(std::min<Nanoseconds>(options.timeout, std::chrono::seconds(1)));
  plan.rate = options.rate;
  plan.arrival = options.arrival.value_or(Arrival::poisson);
  plan.pacing = options.pacing;
  plan.warmup = options.warmup.value_or(Nanoseconds{0});
  // Bad clients come late on purpose, and parts of a plan do not know when.
  plan.finds_warmup =
      !options.warmup && options.find_max.empty() && (options.mix.empty() || !plan.is_part());
  plan.seed = options.seed.value_or(random_seed());
  return check_load(options, plan);
}

std::string_view name_of(PayloadKind kind) {
  switch (kind) {
    case PayloadKind::text:
      return "text";
    case PayloadKind::binary:
      return "binary";
    case PayloadKind::given:
      return "given";
  }
  return "";
}

}  // namespace

std::size_t Plan::bytes_in_flight() const {
  const std::size_t largest = sizes.largest();
  return depth > std::numeric_limits<std::size_t>::max() / largest
             ? std::numeric_limits<std::size_t>::max()
             : depth * largest;
}

std::uint32_t Plan::clients_here() const {
  return (connections + shard.of - 1 - shard.index) / shard.of;
}

Nanoseconds Plan::connect_after(std::uint32_t client) const {
  if (!connect_rate) return Nanoseconds{0};
  constexpr double never = 1e18;  // some thirty years
  return Nanoseconds(
      std::llround(std::min(static_cast<double>(client) * 1e9 / *connect_rate, never)));
}

std::uint32_t Plan::clients_of_process() const {
  return (clients_here() + workers - 1) / workers;
}

std::uint64_t Plan::messages_here() const {
  std::uint64_t all = 0;
  const std::uint64_t each = messages.value_or(0) / connections;
  const std::uint64_t with_one_more = messages.value_or(0) % connections;
  for (std::uint32_t i = 0; i < clients_here(); ++i) {
    all += each + (client_at(i) < with_one_more ? 1 : 0);
  }
  return all;
}

std::uint64_t Plan::share_of(std::uint32_t client) const {
  if (!messages || rate) return std::numeric_limits<std::uint64_t>::max();
  return *messages / connections + (client < *messages % connections ? 1 : 0);
}

std::vector<std::string> Plan::parts() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < destinations.size(); ++i) {
    names.push_back(fmt::format("target{}_", i));
  }
  for (const RudeGroup& each : rude) {
    std::string prefix = fmt::format("{}_", name_of(each.behaviour));
    std::ranges::replace(prefix, '-', '_');
    names.push_back(prefix);
  }
  return names;
}

bool Plan::speaks_udp() const {
  return std::ranges::any_of(
      destinations, [](const Destination& each) { return each.target.kind == Target::Kind::udp; });
}

std::uint32_t Plan::rude_clients() const {
  std::uint32_t sum = 0;
  for (const RudeGroup& each : rude) sum += each.clients;
  return sum;
}

std::size_t Plan::rude_group_of(std::uint32_t i) const {
  std::size_t group = 0;
  for (; i >= rude[group].clients; ++group) i -= rude[group].clients;
  return group;
}

Expected<Plan> make_plan(const Options& options) {
  Plan plan;
  if (options.targets.empty() && options.spawn.empty()) {
    return usage_error("TARGET is missing: HOST:PORT, or --spawn with a command to start");
  }
  if (const auto fine = plan_targets(options, plan); !fine) return fine.error();
  if (const auto fine = plan_load(options, plan); !fine) return fine.error();
  if (const auto fine = plan_talk(options, plan); !fine) return fine.error();
  if (plan.connections < plan.destinations.size()) {
    return usage_error(
        fmt::format("TARGET: {} of them need as many clients; -c, -n and --mix leave {}",
                    plan.destinations.size(), plan.connections));
  }
  plan.assertions = options.assertions;
  plan.find_max = options.find_max;
  if (options.attach && !options.spawn.empty()) {
    return usage_error("--attach: the server of --spawn is watched anyway");
  }
  if (options.attach) plan.attach = static_cast<pid_t>(*options.attach);
  plan.name = options.name.empty() ? default_name(plan) : options.name;
  plan.json = options.json;
  plan.json_stream = options.json_stream;
  plan.hdr_log = options.hdr_log;
  if (plan.json == "-" && plan.json_stream == "-") {
    return usage_error("--json-stream: \"-\" is taken by --json already");
  }
  plan.reproduce = options.reproduce;
  if (!options.seed) plan.reproduce += fmt::format(" --seed {}", plan.seed);
  if (const auto enough = check_budget(options, plan); !enough) return enough.error();
  const auto engine = choose_engine(
      options.engine, std::ranges::any_of(plan.destinations, [](const Destination& each) {
        return each.target.kind == Target::Kind::tcp ||
               each.target.kind == Target::Kind::unix_stream;
      }));
  if (!engine) return engine.error();
  plan.engine = *engine;
  return plan;
}

boost::json::object to_json(const Plan& plan) {
  boost::json::object json;
  json["name"] = plan.name;
  boost::json::array targets;
  for (const Destination& each : plan.destinations) targets.emplace_back(to_string(each.target));
  json["targets"] = targets;
  json["server"] = boost::json::array(plan.server.begin(), plan.server.end());
  json["attach"] = plan.attach ? boost::json::value(*plan.attach) : nullptr;
  json["connections"] = plan.connections;
  json["threads"] = plan.threads;
  json["duration_ns"] = plan.duration ? boost::json::value(plan.duration->count()) : nullptr;
  if (plan.is_part()) json["shard"] = {{"index", plan.shard.index}, {"of", plan.shard.of}};
  json["start_at_ns"] = plan.start_at ? boost::json::value(plan.start_at->count()) : nullptr;
  json["messages"] = plan.messages ? boost::json::value(*plan.messages) : nullptr;
  json["source_ip"] = plan.sources ? boost::json::value(plan.sources->text()) : nullptr;
  json["connect_rate_per_second"] =
      plan.connect_rate ? boost::json::value(*plan.connect_rate) : nullptr;
  json["workers"] = plan.workers;
  json["pipeline"] = plan.depth;
  json["mode"] = !plan.find_max.empty() ? "find-max" : plan.rate ? "open loop" : "closed loop";
  json["rate_per_second"] = plan.rate ? boost::json::value(*plan.rate) : nullptr;
  json["arrival"] = !plan.rate                         ? boost::json::value(nullptr)
                    : plan.arrival == Arrival::poisson ? "poisson"
                                                       : "uniform";
  json["pacer"] = plan.pacing == Pacing::spin ? boost::json::value("spin")
                  : plan.rate                 ? "timer"
                                              : boost::json::value(nullptr);
  json["warmup_ns"] = plan.finds_warmup ? boost::json::value(nullptr) : plan.warmup.count();
  json["size"] = plan.sizes.text();
  json["payload"] = name_of(plan.payload);
  boost::json::object mix;
  for (const RudeGroup& each : plan.rude) mix[name_of(each.behaviour)] = each.clients;
  json["bad_clients"] = mix;
  json["churn"] = plan.churn;
  json["script"] = plan.script ? boost::json::value(plan.script->name) : nullptr;
  json["tls"] = !plan.tls.authorities.empty() ? "certificates of " + plan.tls.authorities
                : plan.tls.insecure           ? "any certificate"
                                              : "the system's certificates";
  json["verify"] = plan.verify ? "full" : "off";
  json["timeout_ns"] = plan.timeout.count();
  json["drain_ns"] = plan.drain.count();
  json["seed"] = plan.seed;
  json["descriptors_needed"] = descriptors_needed(plan.clients_of_process(), plan.threads);
  json["descriptors_allowed"] = descriptors_allowed();
  json["engine"] = name_of(plan.engine);
  boost::json::array assertions;
  for (const Assertion& each : plan.assertions) assertions.emplace_back(each.text);
  json["assertions"] = assertions;
  boost::json::array find_max;
  for (const Assertion& each : plan.find_max) find_max.emplace_back(each.text);
  json["find_max"] = find_max;
  return json;
}

}  // namespace contend::loadgen
