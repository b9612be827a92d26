#include "loadgen/connection_body.hpp"
#include "loadgen/polled_stream.hpp"
#include "loadgen/ring_stream.hpp"
#include "loadgen/stream_clients.hpp"

namespace contend::loadgen {
namespace {

template <class Stream, class Talk>
std::unique_ptr<Client> make_over(Stream stream, const Surroundings& around, Talk talk) {
  return std::make_unique<Connection<Stream, Talk>>(around.plan, std::move(stream), std::move(talk),
                                                    around.tally, around.owner);
}

template <class Talk>
std::unique_ptr<Client> make(const Surroundings& around, Talk talk) {
  if (around.ring != nullptr) {
    return make_over(RingStream(*around.ring), around, std::move(talk));
  }
  return make_over(PolledStream(around.poller, around.room), around, std::move(talk));
}

}  // namespace

std::unique_ptr<Client> plain_client(const Surroundings& around, Session session) {
  return make(around, std::move(session));
}

std::unique_ptr<Client> plain_client(const Surroundings& around, ScriptSession session) {
  return make(around, std::move(session));
}

}  // namespace contend::loadgen
