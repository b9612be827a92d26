// Several threads on one io_context: whichever is free runs the next ready coroutine, and a strand
// keeps each connection to one thread at a time, though not to the same one. Here to be compared
// with `sharded`: what the shared queue and its hand-overs cost.
#include <thread>
#include <vector>

#include <boost/asio/strand.hpp>

#include "server/async_echo.hpp"
#include "server/models.hpp"

namespace contend::server {
namespace {

class Pool : public RunningModel {
 public:
  Pool(Service& service, const Listener& listener)
      : context_(static_cast<int>(service.options().loops())) {
    accept_all(service, make_acceptor(context_, listener), [this] {
      return OnAsio{asio::make_strand(context_.get_executor())};
    }).start_on(context_.get_executor());
    try {
      for (unsigned i = 0; i < service.options().loops(); ++i) {
        threads_.emplace_back([this] { context_.run(); });
      }
    } catch (...) {
      context_.stop();  // or those that have started would be waited for in vain
      throw;
    }
  }
  ~Pool() override { context_.stop(); }

 private:
  asio::io_context context_;
  std::vector<std::jthread> threads_;
};

}  // namespace

extern const Model pool;
const Model pool{
    .name = "pool",
    .what = "several threads on one io_context, a strand per connection",
    .teaches = "what a shared scheduler costs",
    .start = [](Service& service, std::span<Listener> listeners) -> std::unique_ptr<RunningModel> {
      return std::make_unique<Pool>(service, listeners.front());
    }};

}  // namespace contend::server
