#include "loadgen/connection_body.hpp"
#include "loadgen/stream_clients.hpp"
#include "loadgen/tls_stream.hpp"

namespace contend::loadgen {
namespace {

template <class Talk>
std::unique_ptr<Client> make(const Surroundings& around, Talk talk, const TlsContext& tls) {
  const std::string& host = around.plan.destination_of(talk.client()).target.host;
  OwnRooms rooms(read_buffer_size(around.plan), talk.room_to_write());
  return std::make_unique<Connection<TlsStream, Talk>>(
      around.plan, TlsStream(around.context, tls, host, std::move(rooms)), std::move(talk),
      around.tally, around.owner);
}

}  // namespace

std::unique_ptr<Client> tls_client(const Surroundings& around, Session session,
                                   const TlsContext& tls) {
  return make(around, std::move(session), tls);
}

std::unique_ptr<Client> tls_client(const Surroundings& around, ScriptSession session,
                                   const TlsContext& tls) {
  return make(around, std::move(session), tls);
}

}  // namespace contend::loadgen
