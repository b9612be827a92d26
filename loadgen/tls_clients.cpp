#include "loadgen/connection_body.hpp"
#include "loadgen/stream_clients.hpp"
#include "loadgen/tls_stream.hpp"

namespace contend::loadgen {

std::unique_ptr<Client> tls_client(const Surroundings& around, Session session,
                                   const TlsContext& tls) {
  const std::string& host = around.plan.destination_of(session.client()).target.host;
  return std::make_unique<Connection<TlsStream, Session>>(
      around.plan, TlsStream(around.context, tls, host), std::move(session), around.tally,
      around.owner);
}

}  // namespace contend::loadgen
