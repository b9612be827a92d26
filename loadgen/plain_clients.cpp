#include "loadgen/connection_body.hpp"
#include "loadgen/plain_stream.hpp"
#include "loadgen/stream_clients.hpp"

namespace contend::loadgen {
namespace {

template <class Talk>
std::unique_ptr<Client> make(const Surroundings& around, Talk talk) {
  return std::make_unique<Connection<PlainStream, Talk>>(
      around.plan, PlainStream(around.context), std::move(talk), around.tally, around.owner);
}

}  // namespace

std::unique_ptr<Client> plain_client(const Surroundings& around, Session session) {
  return make(around, std::move(session));
}

std::unique_ptr<Client> plain_client(const Surroundings& around, ScriptSession session) {
  return make(around, std::move(session));
}

}  // namespace contend::loadgen
