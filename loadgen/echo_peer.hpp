// The cheapest server that loadgen could have: an epoll loop that sends back what it read. For
// calibrating loadgen itself; nothing of echo-server, whose cost is what others measure.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "core/expected.hpp"

namespace contend::loadgen {

class EchoPeer {
 public:
  /// Listens on a loopback port until it is destroyed. Errors: no descriptor, no port.
  static Expected<std::unique_ptr<EchoPeer>> start(std::size_t threads);
  EchoPeer(const EchoPeer&) = delete;
  EchoPeer& operator=(const EchoPeer&) = delete;
  ~EchoPeer();

  std::uint16_t port() const { return port_; }

 private:
  EchoPeer() = default;
  void serve() const;

  int listener_ = -1;
  int stop_ = -1;  // an eventfd that becomes readable at the end
  std::uint16_t port_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace contend::loadgen
