#include "server/blocking_echo.hpp"

#include <boost/asio/buffer.hpp>

namespace contend::server {

void echo(Service& service, Session& session, Socket<Loop>& socket) {
  boost::system::error_code error;
  while (session.open()) {
    const std::span<char> room = session.room();
    const std::size_t size = socket.read_some(asio::buffer(room.data(), room.size()), error);
    Write write = session.received(size, error);
    if (write.pause > Nanoseconds::zero()) service.sleep(write.pause);
    while (!write.rest.empty()) {
      const std::size_t out =
          socket.write_some(asio::buffer(write.rest.data(), write.rest.size()), error);
      session.sent(write, out, error);
    }
  }
}

void accept_all(Service& service, const Listener& listener, asio::io_context& context,
                const std::function<void(Session, Socket<Loop>)>& serve) {
  Acceptor acceptor = make_acceptor(context, listener);
  while (true) {
    while (service.accepts_held()) service.sleep(Service::accept_pause);
    boost::system::error_code error;
    Socket<Loop> socket(context);
    acceptor.accept(socket, error);
    if (error) {
      const AcceptAdvice advice = service.accept_failed(error);
      if (advice == AcceptAdvice::stop) return;
      if (advice == AcceptAdvice::pause) service.sleep(Service::accept_pause);
      continue;
    }
    if (auto session = service.admit(socket.native_handle())) {
      serve(std::move(*session), std::move(socket));
    }
  }
}

}  // namespace contend::server
