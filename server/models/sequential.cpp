// One thread that blocks: it accepts a client, serves it until it leaves, and only then accepts the
// next. The server of the first lecture, and a lesson in starvation.
#include <thread>

#include "server/blocking_echo.hpp"
#include "server/datagram_echo.hpp"
#include "server/models.hpp"

namespace contend::server {
namespace {

class Sequential : public RunningModel {
 public:
  Sequential(Service& service, const Listener& listener)
      : acceptor_(make_acceptor(context_, listener)), thread_([&] {
          if (listener.takes_datagrams()) return echo_datagrams(service, listener);
          block_on_accepting(service, acceptor_, [&service](Session session, Socket<Loop> socket) {
            echo(service, session, socket);
            session.close();
          });
        }) {}

 private:
  asio::io_context context_;  // never run: blocking sockets need one only to belong to
  Acceptor acceptor_;         // made before the thread, so that a failure is the starter's to tell
  std::jthread thread_;
};

}  // namespace

extern const Model sequential;
const Model sequential{
    .name = "sequential",
    .what = "one thread, blocking, one client at a time",
    .teaches = "every other client starves",
    .datagrams = true,
    .start = [](Service& service, std::span<Listener> listeners) -> std::unique_ptr<RunningModel> {
      return std::make_unique<Sequential>(service, listeners.front());
    }};

}  // namespace contend::server
