#include "loadgen/plan.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <random>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "core/file.hpp"
#include "core/process.hpp"

#include "loadgen/budget.hpp"
#include "loadgen/port.hpp"

namespace contend::loadgen {
namespace {

constexpr std::string_view port_word = "{port}";

std::string with_port(std::string text, std::uint16_t port) {
  for (auto at = text.find(port_word); at != std::string::npos; at = text.find(port_word)) {
    text.replace(at, port_word.size(), std::to_string(port));
  }
  return text;
}

/// Chooses the port of a server that we start, and puts it where {port} stands.
Expected<std::string> plan_server(const Options& options, Plan& plan) {
  std::string target = options.target;
  if (options.spawn.empty()) return target;
  const Expected<std::vector<std::string>> words = split_words(options.spawn);
  if (!words) return usage_error("--spawn: " + words.error().message);
  const bool wants_port = options.spawn.find(port_word) != std::string::npos ||
                          target.find(port_word) != std::string::npos;
  if (!wants_port && target.empty()) {
    return usage_error("--spawn: the command has no {port}, so TARGET is needed");
  }
  std::uint16_t port = 0;
  if (wants_port) {
    const Expected<std::uint16_t> free = free_port();
    if (!free) return free.error();
    port = *free;
  }
  for (const std::string& word : *words) plan.server.push_back(with_port(word, port));
  if (target.empty()) target = "127.0.0.1:{port}";
  return with_port(target, port);
}

std::string default_name(const Plan& plan) {
  if (!plan.server.empty()) return std::filesystem::path(plan.server[0]).filename();
  if (plan.target.kind == Target::Kind::unix_stream) {
    return std::filesystem::path(plan.target.host).filename();
  }
  return to_string(plan.target);
}

std::uint64_t random_seed() {
  std::random_device device;
  // 32 bits: short enough to type again, and exact in JSON.
  return device();
}

Expected<void> check_load(const Options& options, const Plan& plan) {
  if (!options.rate && options.arrival) {
    return usage_error("--arrival: needs --rate, since a closed loop has no due times");
  }
  if (!options.rate && options.pacing == Pacing::spin) {
    return usage_error("--pacer: needs --rate, since a closed loop has no due times");
  }
  if (plan.duration && plan.warmup >= *plan.duration) {
    return usage_error(fmt::format("--warmup: {} is not less than --duration {}",
                                   format_duration(plan.warmup), format_duration(*plan.duration)));
  }
  return {};
}

Expected<void> plan_shard(const Options& options, Plan& plan) {
  plan.start_at = options.start_at;
  if (!options.shard) return {};
  plan.shard = *options.shard;
  if (plan.shard.of > plan.connections) {
    return usage_error(fmt::format("--shard: {} clients cannot be shared by {} shards",
                                   plan.connections, plan.shard.of));
  }
  if (plan.shard.whole()) return {};
  if (!options.seed) return usage_error("--shard: needs --seed, so that all shards have one plan");
  if (!options.start_at) {
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
  if (!plan.messages && !plan.duration) plan.duration = std::chrono::seconds(10);
  plan.connections = static_cast<std::uint32_t>(options.connections);
  if (plan.messages && *plan.messages < plan.connections) {
    plan.connections = static_cast<std::uint32_t>(*plan.messages);
  }
  if (const auto fine = plan_shard(options, plan); !fine) return fine;
  plan.threads = std::min(static_cast<std::uint32_t>(options.threads), plan.clients_here());
  plan.depth = options.depth;
  plan.timeout = options.timeout;
  plan.drain =
      options.drain.value_or(std::min<Nanoseconds>(options.timeout, std::chrono::seconds(1)));
  plan.rate = options.rate;
  plan.arrival = options.arrival.value_or(Arrival::poisson);
  plan.pacing = options.pacing;
  plan.warmup = options.warmup;
  plan.seed = options.seed.value_or(random_seed());
  return check_load(options, plan);
}

Expected<void> plan_message(const Options& options, Plan& plan) {
  plan.sizes = options.sizes;
  plan.payload = options.payload;
  if (!options.message && options.message_file.empty()) return {};
  plan.message = options.message.value_or("");
  if (!options.message_file.empty()) {
    const Expected<std::string> text = read_file(options.message_file);
    if (!text) return Error{text.error().kind, "--message-file: " + text.error().message};
    plan.message = *text;
  }
  if (plan.message.empty()) {
    return usage_error(fmt::format("--message{}: it is empty",
                                   options.message ? "" : "-file \"" + options.message_file + '"'));
  }
  plan.payload = PayloadKind::given;
  plan.sizes = MessageSizes(plan.message.size());
  return {};
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

Expected<Plan> make_plan(const Options& options) {
  Plan plan;
  if (options.target.empty() && options.spawn.empty()) {
    return usage_error("TARGET is missing: HOST:PORT, or --spawn with a command to start");
  }
  const Expected<std::string> text = plan_server(options, plan);
  if (!text) return text.error();
  const Expected<Target> target = parse_target(*text);
  if (!target) return target.error();
  plan.target = *target;
  Expected<std::vector<Address>> addresses = resolve(plan.target, options.allow_remote);
  if (!addresses) return addresses.error();
  plan.addresses = std::move(*addresses);
  if (const auto fine = plan_load(options, plan); !fine) return fine.error();
  if (const auto fine = plan_message(options, plan); !fine) return fine.error();
  plan.verify = options.verify;
  plan.assertions = options.assertions;
  plan.name = options.name.empty() ? default_name(plan) : options.name;
  plan.json = options.json;
  plan.json_stream = options.json_stream;
  plan.hdr_log = options.hdr_log;
  if (plan.json == "-" && plan.json_stream == "-") {
    return usage_error("--json-stream: \"-\" is taken by --json already");
  }
  plan.reproduce = options.reproduce;
  if (!options.seed) plan.reproduce += fmt::format(" --seed {}", plan.seed);
  if (const Expected<void> enough = check_descriptors(plan.clients_here()); !enough) {
    return enough.error();
  }
  return plan;
}

boost::json::object to_json(const Plan& plan) {
  boost::json::object json;
  json["name"] = plan.name;
  json["target"] = to_string(plan.target);
  json["server"] = boost::json::array(plan.server.begin(), plan.server.end());
  json["connections"] = plan.connections;
  json["threads"] = plan.threads;
  json["duration_ns"] = plan.duration ? boost::json::value(plan.duration->count()) : nullptr;
  if (!plan.shard.whole()) json["shard"] = {{"index", plan.shard.index}, {"of", plan.shard.of}};
  json["start_at_ns"] = plan.start_at ? boost::json::value(plan.start_at->count()) : nullptr;
  json["messages"] = plan.messages ? boost::json::value(*plan.messages) : nullptr;
  json["pipeline"] = plan.depth;
  json["mode"] = plan.rate ? "open loop" : "closed loop";
  json["rate_per_second"] = plan.rate ? boost::json::value(*plan.rate) : nullptr;
  json["arrival"] = !plan.rate                         ? boost::json::value(nullptr)
                    : plan.arrival == Arrival::poisson ? "poisson"
                                                       : "uniform";
  json["pacer"] = !plan.rate                    ? boost::json::value(nullptr)
                  : plan.pacing == Pacing::spin ? "spin"
                                                : "timer";
  json["warmup_ns"] = plan.warmup.count();
  json["size"] = plan.sizes.text();
  json["payload"] = name_of(plan.payload);
  json["verify"] = plan.verify ? "full" : "off";
  json["timeout_ns"] = plan.timeout.count();
  json["drain_ns"] = plan.drain.count();
  json["seed"] = plan.seed;
  json["descriptors_needed"] = descriptors_needed(plan.clients_here());
  json["descriptors_allowed"] = descriptors_allowed();
  json["engine"] = "asio";
  boost::json::array assertions;
  for (const Assertion& each : plan.assertions) assertions.emplace_back(each.text);
  json["assertions"] = assertions;
  return json;
}

}  // namespace contend::loadgen
