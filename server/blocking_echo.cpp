#include "server/blocking_echo.hpp"

#include <new>

#include <boost/asio/buffer.hpp>

namespace contend::server {

namespace {

struct Moved {
  boost::system::error_code error;
  std::size_t size = 0;
};

/// The two of server/stream.hpp once more, for calls that block.
class BlockingPlainStream {
 public:
  explicit BlockingPlainStream(Socket<Loop>& socket) : socket_(socket) {}
  std::size_t held() const { return 0; }
  Moved read(std::span<char> room) {
    Moved moved;
    moved.size = socket_.read_some(asio::buffer(room.data(), room.size()), moved.error);
    return moved;
  }
  Moved write(std::span<const char> bytes) {
    Moved moved;
    moved.size = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), moved.error);
    return moved;
  }

 private:
  Socket<Loop>& socket_;
};

class BlockingTlsStream {
 public:
  BlockingTlsStream(const TlsContext& context, Socket<Loop>& socket)
      : channel_(context, socket.native_handle()) {}
  TlsChannel& channel() { return channel_; }
  std::size_t held() const { return channel_.held(); }
  Moved read(std::span<char> room) { return moved(channel_.read(room)); }
  Moved write(std::span<const char> bytes) { return moved(channel_.write(bytes)); }

 private:
  static Moved moved(const TlsStep& step) { return {step.error, step.size}; }

  TlsChannel channel_;
};

template <class Stream>
void echo_on(Stream stream, Service& service, Session& session) {
  while (session.open(stream.held())) {
    const auto [read_error, size] = stream.read(session.room());
    Write write = session.received(size, read_error);
    if (write.pause > Nanoseconds::zero()) service.sleep(write.pause);
    while (!write.rest.empty()) {
      const auto [write_error, out] = stream.write(write.rest);
      session.sent(write, out, write_error);
    }
  }
}

void echo_all(Service& service, Session& session, Socket<Loop>& socket) {
  if (service.tls() == nullptr) return echo_on(BlockingPlainStream(socket), service, session);
  BlockingTlsStream stream(*service.tls(), socket);
  const TlsStep begun = stream.channel().shake_hands();
  if (begun.error) session.received(0, begun.error);
  echo_on<BlockingTlsStream&>(stream, service, session);
  if (!session.resets()) stream.channel().say_farewell();
}

}  // namespace

void echo(Service& service, Session& session, Socket<Loop>& socket) {
  echo_all(service, session, socket);
  while (session.lingers()) service.sleep(Session::linger_pause);
}

void block_on_accepting(Service& service, Acceptor& acceptor,
                        const std::function<void(Session, Socket<Loop>)>& serve) {
  const auto accept_one = [&]() -> AcceptAdvice {
    boost::system::error_code error;
    Socket<Loop> socket(acceptor.get_executor());
    acceptor.accept(socket, error);
    if (error) return service.accept_failed(error);
    auto session = service.admit(socket.native_handle());
    if (session) serve(std::move(*session), std::move(socket));
    return AcceptAdvice::retry;
  };
  while (true) {
    while (service.accepts_held()) service.sleep(Service::accept_pause);
    AcceptAdvice advice = AcceptAdvice::retry;
    try {
      advice = accept_one();
    } catch (const std::bad_alloc&) {
      advice = service.accept_failed(asio::error::no_memory);
    }
    if (advice == AcceptAdvice::stop) return;
    if (advice == AcceptAdvice::pause) service.sleep(Service::accept_pause);
  }
}

}  // namespace contend::server
