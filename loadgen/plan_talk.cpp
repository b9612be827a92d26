#include "loadgen/plan_talk.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/file.hpp"

#include "loadgen/datagram_session.hpp"
#include "loadgen/tls_context.hpp"

namespace contend::loadgen {
namespace {

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

/// From here on `connections` are the good clients.
Expected<void> plan_mix(const Options& options, Plan& plan) {
  plan.churn = options.churn;
  if (options.mix.empty()) return {};
  if (plan.workers > 1 || !plan.shard.whole() || !options.find_max.empty()) {
    return usage_error(
        "--mix: is for one process and one run, not for --workers, --shard, --find-max");
  }
  for (const Destination& each : plan.destinations) {
    if (each.target.kind == Target::Kind::tls) {
      return usage_error("--mix: bad clients do not speak TLS");
    }
  }
  if (plan.speaks_udp()) return usage_error("--mix: bad clients do not speak UDP");
  const auto counts = divide(static_cast<std::uint32_t>(options.connections), options.mix);
  if (!counts) return counts.error();
  for (std::size_t i = 0; i < counts->size(); ++i) {
    const Behaviour behaviour = options.mix[i].behaviour;
    if (behaviour == Behaviour::normal) {
      plan.connections = (*counts)[i];
    } else {
      plan.rude.push_back({behaviour, (*counts)[i]});
    }
  }
  if (plan.messages && *plan.messages < plan.connections) {
    return usage_error(fmt::format("--messages: {} are not one for each of {} normal clients",
                                   *plan.messages, plan.connections));
  }
  plan.threads = std::min(plan.threads, plan.connections);
  return {};
}

Expected<void> plan_script(const Options& options, Plan& plan) {
  if (options.script.empty()) return {};
  if (plan.depth > 1) {
    return usage_error(
        fmt::format("--pipeline: {} is above 1, but a script waits for each answer", plan.depth));
  }
  Expected<Script> script = load_script(options.script);
  if (!script) return script.error();
  plan.script = std::move(*script);
  return {};
}

/// A context is made and thrown away, so that a bad file is a sentence now.
Expected<void> plan_tls(const Options& options, Plan& plan) {
  const bool wanted = std::ranges::any_of(plan.destinations, [](const Destination& each) {
    return each.target.kind == Target::Kind::tls;
  });
  if (!wanted && (options.tls.insecure || !options.tls.authorities.empty())) {
    return usage_error(fmt::format("{}: no TARGET is tls://HOST:PORT",
                                   options.tls.insecure ? "--insecure" : "--tls-ca"));
  }
  plan.tls = options.tls;
  if (!wanted) return {};
  const auto context = make_context(plan.tls);
  return context ? Expected<void>() : context.error();
}

/// A message is a datagram, and whole or not there.
Expected<void> plan_udp(const Options& options, Plan& plan) {
  if (!plan.speaks_udp()) return {};
  if (!options.script.empty()) return usage_error("--script: cannot be spoken over udp://");
  if (plan.sizes.largest() > largest_datagram) {
    const char* flag = options.message                ? "--message"
                       : options.message_file.empty() ? "--size"
                                                      : "--message-file";
    return usage_error(fmt::format("{}: {} bytes are more than a datagram of udp:// holds, {}",
                                   flag, plan.sizes.largest(), largest_datagram));
  }
  return {};
}

}  // namespace

Expected<void> plan_talk(const Options& options, Plan& plan) {
  plan.verify = options.verify;
  for (const auto part : {plan_message, plan_udp, plan_mix, plan_script, plan_tls}) {
    if (const auto fine = part(options, plan); !fine) return fine;
  }
  return {};
}

}  // namespace contend::loadgen
