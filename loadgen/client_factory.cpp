#include "loadgen/client_factory.hpp"

#include <algorithm>

#include "core/check.hpp"

#include "loadgen/datagram_client.hpp"
#include "loadgen/session.hpp"
#include "loadgen/stream_clients.hpp"

namespace contend::loadgen {
namespace {

Wire wire_of(const Plan& plan) {
  return plan.message.empty() ? Wire(plan.payload, plan.sizes, plan.seed, plan.verify)
                              : Wire(plan.message, plan.verify);
}

/// What a request names its server by.
std::string host_of(const Target& target) {
  if (target.kind == Target::Kind::unix_stream) return "localhost";
  return to_string({Target::Kind::tcp, target.host, target.port});
}

bool wants_tls(const Destination& destination) {
  return destination.target.kind == Target::Kind::tls;
}

}  // namespace

ClientFactory::ClientFactory(const Plan& plan) : plan_(&plan), wire_(wire_of(plan)) {
  for (const RudeGroup& group : plan.rude) {
    const MessageSizes sizes = RudeClient::sizes_of(group.behaviour, plan.sizes);
    const bool given = !plan.message.empty() && sizes.text() == plan.sizes.text();
    rude_wires_.push_back(given ? wire_of(plan)
                                : Wire(plan.message.empty() ? plan.payload : PayloadKind::text,
                                       sizes, plan.seed, plan.verify));
  }
  if (std::ranges::none_of(plan.destinations, wants_tls)) return;
  const auto context = make_context(plan.tls);
  CONTEND_CHECK(context.has_value());  // it was tried when the plan was made
  tls_ = *context;
}

std::unique_ptr<RudeClient> ClientFactory::make_rude(boost::asio::io_context& context,
                                                     std::uint32_t i, Tally& tally) const {
  const std::size_t group = plan_->rude_group_of(i);
  const Behaviour behaviour = plan_->rude[group].behaviour;
  const SessionPlan session{.client = plan_->connections + i,
                            .depth = RudeClient::depth_of(behaviour)};
  return std::make_unique<RudeClient>(context, *plan_, behaviour,
                                      Session(rude_wires_[group], session, tally), tally);
}

std::unique_ptr<Client> ClientFactory::make(const Surroundings& around,
                                            std::uint32_t client) const {
  const SessionPlan session{.client = client,
                            .depth = plan_->depth,
                            .share = plan_->share_of(client),
                            .open_loop = plan_->rate.has_value()};
  const Destination& destination = plan_->destination_of(client);
  if (destination.target.kind == Target::Kind::udp) {
    return std::make_unique<DatagramClient>(around.context, *plan_,
                                            DatagramSession(wire_, session, around.tally),
                                            around.tally, around.owner);
  }
  const auto make_over = [&](auto talk) {
    return wants_tls(destination) ? tls_client(around, std::move(talk), tls_)
                                  : plain_client(around, std::move(talk));
  };
  if (!plan_->script) return make_over(Session(wire_, session, around.tally));
  return make_over(
      ScriptSession(*plan_->script, host_of(destination.target), session, around.tally));
}

}  // namespace contend::loadgen
