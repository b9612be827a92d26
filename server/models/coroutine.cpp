// One thread and one loop, in which each connection is a coroutine: it reads like the blocking
// server and waits without keeping anybody waiting.
#include "server/event_loop.hpp"
#include "server/models.hpp"

namespace contend::server {
namespace {

class Coroutine : public RunningModel {
 public:
  Coroutine(Service& service, const Listener& listener) : loop_(service, listener) {}

 private:
  EventLoop loop_;
};

}  // namespace

extern const Model coroutine;
const Model coroutine{
    .name = "coroutine",
    .what = "one thread, C++20 coroutines on one io_context",
    .teaches = "many clients, no locks",
    .datagrams = true,
    .start = [](Service& service, std::span<Listener> listeners) -> std::unique_ptr<RunningModel> {
      return std::make_unique<Coroutine>(service, listeners.front());
    }};

}  // namespace contend::server
