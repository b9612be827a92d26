#include "server/server.hpp"

#include <exception>

#include <fmt/format.h>

#include "core/check.hpp"

#include "server/session.hpp"

namespace contend::server {

std::size_t loops_that_accept(const Options& options) {
  const Model* model = find_model(options.model);
  return model != nullptr && model->sharded ? options.loops() : 1;
}

Expected<Server> Server::start(const Options& options) {
  const Model* model = find_model(options.model);
  CONTEND_CHECK(model != nullptr && model->start != nullptr);
  std::optional<TlsContext> tls;
  if (options.tls_cert) {
    Expected<TlsContext> opened = TlsContext::open(*options.tls_cert, *options.tls_key);
    if (!opened) return opened.error();
    tls = std::move(*opened);
  }
  Expected<Listener> listener = Listener::open(options);
  if (!listener) return listener.error();
  std::vector<Listener> listeners;
  listeners.push_back(std::move(*listener));
  while (listeners.size() < loops_that_accept(options)) {
    Expected<Listener> another = listeners.front().sibling();
    if (!another) return another.error();
    listeners.push_back(std::move(*another));
  }
  // What a model's threads and loops are made of may be refused: io_uring is, in many containers.
  try {
    return Server(options, std::move(tls), std::move(listeners), *model);
  } catch (const std::exception& refused) {
    return world_error(fmt::format("starting model {}: {}", options.model, refused.what()));
  }
}

Server::Server(const Options& options, std::optional<TlsContext> tls,
               std::vector<Listener> listeners, const Model& model)
    : listeners_(std::move(listeners)),
      service_(std::make_unique<Service>(options, std::move(tls))),
      running_(model.start(*service_, listeners_)) {}

Server::~Server() {
  if (service_) stop();
}

void Server::end_idle() {
  const std::optional<Nanoseconds> timeout = service_->options().idle_timeout;
  if (timeout) service_->ledger().end_idle(*timeout, Clock::now());
}

void Server::begin_drain() {
  service_->ledger().begin_drain();
  for (const Listener& listener : listeners_) listener.stop();
}

std::size_t Server::stop() {
  begin_drain();
  const std::size_t cut = service_->ledger().cut(End::cut);
  service_->wake_sleepers();
  running_.reset();
  return cut;
}

}  // namespace contend::server
