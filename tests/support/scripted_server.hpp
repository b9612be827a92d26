// A server that does on purpose what a broken one does by accident: blocking sockets, one thread a
// client, the script decides every byte. Shares no code with the programs under test.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace contend::support {

/// One accepted connection, seen from the server.
class Peer {
 public:
  explicit Peer(int socket, int number) : socket_(socket), number_(number) {}

  int number() const { return number_; }  ///< from 0, in the order of arrival

  /// At most `most` bytes; empty when the client closed its half or is gone.
  std::string read(std::size_t most = 65536) const;
  /// Exactly `count` bytes, or fewer if the client ended.
  std::string read_exactly(std::size_t count) const;
  void write(const std::string& bytes) const;
  void reset() const;  ///< RST instead of FIN when it closes

 private:
  int socket_;
  int number_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;

  enum class Serves { all_at_once, one_at_a_time };

  /// Listens on a free loopback port; runs `script` for each client and closes when it returns.
  explicit ScriptedServer(Script script, Serves serves = Serves::all_at_once);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  /// Shuts every connection down and waits for the scripts.
  ~ScriptedServer();

  std::uint16_t port() const { return port_; }
  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }
  int accepted() const { return accepted_; }

 private:
  void accept_all();
  void serve(int socket, int number);

  Script script_;
  Serves serves_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  // protects sockets_
  std::condition_variable all_served_;
  std::vector<int> sockets_;  // of the clients whose script still runs
  std::thread acceptor_;
};

/// Sends back whatever comes.
void echo(Peer& peer);

}  // namespace contend::support
