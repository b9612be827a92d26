// TLS over TCP, the way Connection wants bytes to travel: connected is what has shaken hands.
// Includes OpenSSL by way of Asio: for few files only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "loadgen/plain_stream.hpp"
#include "loadgen/rooms.hpp"
#include "loadgen/tls_context.hpp"

namespace contend::loadgen {

class TlsStream {
 public:
  using Error = boost::system::error_code;
  using Layers = boost::asio::ssl::stream<PlainStream::Socket>;

  /// `host` is the name that the server must prove, if the context asks for proof.
  TlsStream(boost::asio::io_context& context, TlsContext tls, std::string host, OwnRooms rooms)
      : context_(&context),
        tls_(std::move(tls)),
        host_(std::move(host)),
        rooms_(std::move(rooms)) {}

  template <class Handler>
  Error open(const Address& address, const std::optional<Address>& source, Handler handler) {
    // Whatever is still under way on the last one keeps that alive.
    layers_ = std::make_shared<Layers>(context_->get_executor(), *tls_);
    auto& socket = layers_->next_layer();
    const auto endpoint = to_endpoint(address);
    Error error;
    socket.open(endpoint.protocol(), error);
    if (!error) name_server(error);
    if (error) return error;
    Error ignored;
    socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    if ((error = set_source(socket.native_handle(), source))) return error;
    socket.async_connect(endpoint, [layers = layers_, handler](const Error& failed) {
      if (failed) return handler(failed);
      layers->async_handshake(Layers::client,
                              [layers, handler](const Error& refused) { handler(refused); });
    });
    return {};
  }

  std::span<char> room() { return rooms_.out(); }
  template <class Handler>
  void async_write_some(std::span<const char> bytes, Handler handler) {
    layers_->async_write_some(boost::asio::buffer(bytes.data(), bytes.size()),
                              [layers = layers_, handler](const Error& error, std::size_t count) {
                                handler(error, count);
                              });
  }

  template <class Handler>
  void async_read_some(Handler handler) {
    layers_->async_read_some(boost::asio::buffer(rooms_.in().data(), rooms_.in().size()),
                             [layers = layers_, handler](const Error& error, std::size_t count) {
                               handler(error, count);
                             });
  }

  std::span<const char> received(std::size_t count) { return rooms_.in().first(count); }

  /// Says goodbye; what the server still says is read all the same.
  void end_of_writing() {
    layers_->async_shutdown([layers = layers_](const Error&) {});
  }

  void close() {
    Error ignored;
    if (layers_) layers_->next_layer().close(ignored);
  }

  /// Why a handshake failed, in words: OpenSSL's own code says only that a certificate was refused.
  std::string describe(const Error& error) const;

 private:
  void name_server(Error& error);

  boost::asio::io_context* context_;
  TlsContext tls_;
  std::string host_;
  OwnRooms rooms_;
  std::shared_ptr<Layers> layers_;
};

}  // namespace contend::loadgen
