#include "loadgen/engine.hpp"

#include <array>
#include <chrono>
#include <span>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include "core/host.hpp"

#include "loadgen/ring.hpp"

namespace contend::loadgen {
namespace {

/// Whether both the bytes and the end of a stream come that were there at once, as on some kernels
/// they do not, and time passes as it does for us.
class Probe final : private Ring::Owner {
 public:
  bool succeeds() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      return false;
    }
    bool rang = false;
    const auto timer = ring_.timer([&rang] { rang = true; });
    ring_.begin();
    const std::uint32_t place = ring_.enter(*this, ends[0]);
    ring_.receive(place);
    ring_.turn();
    const bool said = ::send(ends[1], "x", 1, MSG_NOSIGNAL) == 1;
    ::close(ends[1]);
    timer->expire_at(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
    for (int turns = 0; turns < 3 && !rang; ++turns) ring_.turn(-1);
    ring_.leave(place);
    ::close(ends[0]);
    return said && rang && bytes_ == 1 && ended_;
  }

 private:
  void on_done(Ring::Operation /*operation*/, int result, std::span<const char> bytes) override {
    bytes_ += bytes.size();
    if (result == 0) ended_ = true;
  }

  Ring ring_{RingLoad{}};
  std::size_t bytes_ = 0;
  bool ended_ = false;
};

/// Takes a millisecond.
Expected<void> try_ring() try {
  if (Probe().succeeds()) return {};
  return world_error("this kernel's io_uring does not do what it should");
} catch (const std::system_error& error) {
  return world_error(error.what());
}

}  // namespace

const char* name_of(Engine engine) {
  return engine == Engine::uring ? "uring" : "asio";
}

Expected<Engine> choose_engine(std::optional<Engine> asked, bool has_such_sockets) {
  if (asked == Engine::asio || !has_such_sockets) return Engine::asio;
  if (!asked && std::string_view(this_sanitizer()) == "thread") return Engine::asio;
  const Expected<void> works = try_ring();
  if (works) return Engine::uring;
  if (!asked) return Engine::asio;
  return world_error("--engine uring: " + works.error().message);
}

}  // namespace contend::loadgen
