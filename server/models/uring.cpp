// The model `sharded` on Asio's io_uring backend instead of epoll: fewer system calls for the same
// work. The backend changes the type of every socket in a program, so it is a program of its own,
// built from the same sources a second time; elsewhere this model is only a signpost to it.
#include "server/models.hpp"
#include "server/socket.hpp"

namespace contend::server {

extern const Model sharded, uring;

const Model uring {
  .name = "uring", .what = "sharded on io_uring instead of epoll", .teaches = "fewer system calls",
  .datagrams = true, .sharded = true,
#if defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
  .start = [](Service& service, std::span<Listener> listeners) -> std::unique_ptr<RunningModel> {
    return sharded.start(service, listeners);
  }
};
#else
  .program = "echo-server-uring", .start = nullptr
};
#endif

}  // namespace contend::server
