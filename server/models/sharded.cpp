// As many loops as cores, each with a listener of its own at the same address (SO_REUSEPORT): the
// kernel deals connections out, and a connection never meets another thread. Loops share nothing
// but the books, which they open at a connection's begin and end.
#include <list>

#include "server/event_loop.hpp"
#include "server/models.hpp"

namespace contend::server {
namespace {

class Sharded : public RunningModel {
 public:
  Sharded(Service& service, std::span<Listener> listeners) {
    for (const Listener& listener : listeners) loops_.emplace_back(service, listener);
  }

 private:
  std::list<EventLoop> loops_;
};

}  // namespace

extern const Model sharded;
const Model sharded{
    .name = "sharded",
    .what = "one io_context per core, SO_REUSEPORT",
    .teaches = "nothing shared",
    .datagrams = true,
    .sharded = true,
    .start = [](Service& service, std::span<Listener> listeners) -> std::unique_ptr<RunningModel> {
      return std::make_unique<Sharded>(service, listeners);
    }};

}  // namespace contend::server
