// The combinations of Connection, each compiled in a file of its own.
#pragma once

#include <memory>
#include <span>
#include <string>

#include <boost/asio/io_context.hpp>

#include "core/poller.hpp"

#include "loadgen/client.hpp"
#include "loadgen/plan.hpp"
#include "loadgen/ring.hpp"
#include "loadgen/script_session.hpp"
#include "loadgen/session.hpp"
#include "loadgen/tls_context.hpp"

namespace contend::loadgen {

/// What a client needs from its worker.
struct Surroundings {
  boost::asio::io_context& context;
  Poller& poller;
  Ring* ring;            ///< moves the bytes of plain sockets instead, if there is one
  std::span<char> room;  ///< that all clients of the thread share, for what polled sockets move
  const Plan& plan;
  Tally& tally;
  ClientOwner& owner;
};

std::unique_ptr<Client> plain_client(const Surroundings& around, Session session);
std::unique_ptr<Client> plain_client(const Surroundings& around, ScriptSession session);
std::unique_ptr<Client> tls_client(const Surroundings& around, Session session,
                                   const TlsContext& tls);
std::unique_ptr<Client> tls_client(const Surroundings& around, ScriptSession session,
                                   const TlsContext& tls);

}  // namespace contend::loadgen
