// One echo server: listeners, what connections share, and a model at work. Can be started inside a
// test as well as by the program.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/listener.hpp"
#include "server/models.hpp"
#include "server/service.hpp"

namespace contend::server {

/// How many threads of a server with these options may be in accept() at a time.
std::size_t loops_that_accept(const Options& options);

class Server {
 public:
  /// Listens and accepts when it returns. Errors: those of Listener::open() and TlsContext::open().
  static Expected<Server> start(const Options& options);

  Server(Server&&) noexcept = default;
  Server& operator=(Server&&) = delete;
  ~Server();  ///< cuts whoever is left

  /// "127.0.0.1:8080".
  std::string address() const { return listeners_.front().name(); }
  std::uint16_t port() const { return listeners_.front().port(); }

  Service& service() { return *service_; }
  const Service& service() const { return *service_; }
  Totals totals() const { return service_->ledger().totals(); }

  /// Ends connections past --idle-timeout; does nothing without. To be called every now and then.
  void end_idle();

  /// Accepts nobody any more and lets each connection finish what has arrived. Returns at once; it
  /// has drained when totals().active is 0.
  void begin_drain();

  /// Ends what is left, and the model; how many connections were cut.
  std::size_t stop();

 private:
  Server(const Options& options, std::optional<TlsContext> tls, std::vector<Listener> listeners,
         const Model& model);

  std::vector<Listener> listeners_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<RunningModel> running_;
};

}  // namespace contend::server
