// A bound socket that listens, or takes datagrams, and its address in words. Accepting is the
// model's.
#pragma once

#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/types.h>

#include "core/expected.hpp"

#include "server/options.hpp"

namespace contend::server {

/// Which file a Unix socket is, whatever its path leads to later.
struct SocketFile {
  dev_t device{};
  ino_t inode{};

  bool operator==(const SocketFile&) const = default;
};

class Listener {
 public:
  /// Errors: the host is unknown, the address is not ours, in use or not permitted.
  static Expected<Listener> open(const Options& options);

  /// Another one at the same address, for another loop.
  Expected<Listener> sibling() const;

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;
  ~Listener();

  int descriptor() const { return descriptor_; }
  int family() const { return address_.ss_family; }
  int protocol() const;
  bool takes_datagrams() const { return takes_datagrams_; }  ///< then nobody can be accepted

  /// "127.0.0.1:8080", "[::1]:8080", "unix:/run/echo".
  std::string name() const;
  std::uint16_t port() const;  ///< 0 for a Unix socket

  /// Ends accepting: whoever waits in accept wakes with an error. Threads: any.
  void stop() const;

 private:
  Listener(int descriptor, const sockaddr_storage& address, socklen_t length)
      : descriptor_(descriptor), address_(address), length_(length) {}
  static Expected<Listener> open_unix(const std::string& path);

  int descriptor_ = -1;
  sockaddr_storage address_{};
  socklen_t length_ = 0;
  bool takes_datagrams_ = false;
  std::string path_to_remove_;
  std::optional<SocketFile> file_;
};

}  // namespace contend::server
