#include "loadgen/connection_body.hpp"
#include "loadgen/plain_stream.hpp"
#include "loadgen/polled_stream.hpp"
#include "loadgen/stream_clients.hpp"

namespace contend::loadgen {
namespace {

#ifdef BOOST_ASIO_DISABLE_EPOLL
constexpr bool are_polled = false;

PlainStream stream_in(const Surroundings& around) {
  return PlainStream(around.context);
}

template <class Talk>
OwnRooms rooms_in(const Surroundings& around, const Talk& talk) {
  return {read_buffer_size(around.plan), talk.room_to_write()};
}
#else
constexpr bool are_polled = true;

PolledStream stream_in(const Surroundings& around) {
  return PolledStream(around.poller);
}

template <class Talk>
SharedRoom rooms_in(const Surroundings& around, const Talk& /*talk*/) {
  return SharedRoom(around.room);
}
#endif

template <class Talk>
std::unique_ptr<Client> make(const Surroundings& around, Talk talk) {
  using Stream = decltype(stream_in(around));
  auto rooms = rooms_in(around, talk);
  return std::make_unique<Connection<Stream, Talk>>(around.plan, stream_in(around),
                                                    std::move(rooms), std::move(talk), around.tally,
                                                    around.owner);
}

}  // namespace

bool plain_clients_are_polled() {
  return are_polled;
}

std::unique_ptr<Client> plain_client(const Surroundings& around, Session session) {
  return make(around, std::move(session));
}

std::unique_ptr<Client> plain_client(const Surroundings& around, ScriptSession session) {
  return make(around, std::move(session));
}

}  // namespace contend::loadgen
