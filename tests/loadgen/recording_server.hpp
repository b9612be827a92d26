// An echo server that keeps what each client said, by the number that leads every message.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {

class RecordingServer {
 public:
  RecordingServer() : server_([this](support::Peer& peer) { serve(peer); }) {}

  std::string target() const { return server_.target(); }

  /// All bytes of each client so far, by its eight digits; then forgets them.
  std::map<std::string, std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(said_, {});
  }

 private:
  void serve(support::Peer& peer) {
    std::string client;
    for (std::string bytes = peer.read(); !bytes.empty(); bytes = peer.read()) {
      // Before the echo, so that whoever has all answers finds all here.
      if (client.size() < 8) client += bytes.substr(0, 8 - client.size());
      {
        const std::lock_guard lock(mutex_);
        said_[client] += bytes;
      }
      peer.write(bytes);
    }
  }

  std::mutex mutex_;  // protects said_
  std::map<std::string, std::string> said_;
  support::ScriptedServer server_;
};

}  // namespace contend::loadgen
