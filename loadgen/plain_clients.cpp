#include "loadgen/connection_body.hpp"
#include "loadgen/plain_stream.hpp"
#include "loadgen/stream_clients.hpp"

namespace contend::loadgen {

std::unique_ptr<Client> plain_client(const Surroundings& around, Session session) {
  return std::make_unique<Connection<PlainStream, Session>>(
      around.plan, PlainStream(around.context), std::move(session), around.tally, around.owner);
}

}  // namespace contend::loadgen
