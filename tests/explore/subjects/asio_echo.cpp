// An echo server of Boost.Asio on two threads, a timer beside it, and two clients that look at what
// comes back. "shared": all connections read into one buffer.
#include <array>
#include <cstring>
#include <memory>
#include <string_view>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Buffer = std::array<char, 4>;

Buffer shared;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, bool shares)
      : socket_(std::move(socket)), buffer_(shares ? shared : own_) {}

  void start() {
    const auto self = shared_from_this();
    asio::async_read(socket_, asio::buffer(buffer_), [self](auto failed, std::size_t) {
      if (!failed)
        asio::async_write(self->socket_, asio::buffer(self->buffer_), [self](auto, std::size_t) {});
    });
  }

 private:
  tcp::socket socket_;
  Buffer own_{};
  Buffer& buffer_;
};

void accept(tcp::acceptor& acceptor, int many, bool shares) {
  if (many == 0) return acceptor.close();
  acceptor.async_accept([&acceptor, many, shares](auto failed, tcp::socket socket) {
    if (failed) return;
    std::make_shared<Session>(std::move(socket), shares)->start();
    accept(acceptor, many - 1, shares);
  });
}

bool is_echoed(unsigned short port, std::string_view word) {
  asio::io_context context;
  tcp::socket socket(context);
  socket.connect({asio::ip::address_v4::loopback(), port});
  asio::write(socket, asio::buffer(word));
  Buffer answer{};
  asio::read(socket, asio::buffer(answer));
  return std::memcmp(answer.data(), word.data(), answer.size()) == 0;
}

}  // namespace

int main(int count, char** arguments) {
  const bool shares = count > 1 && std::string_view(arguments[1]) == "shared";
  asio::io_context context;
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  asio::steady_timer timer(context, std::chrono::seconds(1));
  bool expired = false;
  timer.async_wait([&](auto failed) { expired = !failed; });
  accept(acceptor, 2, shares);
  const unsigned short port = acceptor.local_endpoint().port();
  bool right[2] = {};
  std::thread loops[] = {std::thread([&] { context.run(); }), std::thread([&] { context.run(); })};
  std::thread clients[] = {std::thread([&] { right[0] = is_echoed(port, "ping"); }),
                           std::thread([&] { right[1] = is_echoed(port, "pong"); })};
  for (std::thread& each : clients) each.join();
  for (std::thread& each : loops) each.join();
  return right[0] && right[1] && expired ? 0 : 1;
}
