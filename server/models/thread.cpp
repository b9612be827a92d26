// One blocking thread for each connection: as simple to read as the sequential server, and nobody
// waits for anybody, until there are so many threads that the machine does little but switch.
#include <condition_variable>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>

#include "server/blocking_echo.hpp"
#include "server/models.hpp"

namespace contend::server {
namespace {

/// Threads that end by themselves and are all joined, each by the one that ends after it.
class Crowd {
 public:
  ~Crowd() {
    std::unique_lock lock(mutex_);
    nobody_left_.wait(lock, [this] { return working_.empty(); });
    if (last_.joinable()) last_.join();
  }

  /// Throws std::system_error when the machine has no more threads; `work` is then gone.
  template <class Work>
  void start(Work work) {
    const std::lock_guard lock(mutex_);
    const Member member = working_.emplace(working_.end());
    try {
      *member = std::thread([this, member, work = std::move(work)]() mutable {
        work();
        leave(member);
      });
    } catch (...) {
      working_.erase(member);
      throw;
    }
  }

 private:
  using Member = std::list<std::thread>::iterator;

  void leave(Member member) {
    std::thread before;
    {
      const std::lock_guard lock(mutex_);
      before = std::exchange(last_, std::move(*member));
      working_.erase(member);
      // Under the lock: afterwards the crowd may be gone.
      if (working_.empty()) nobody_left_.notify_all();
    }
    if (before.joinable()) before.join();
  }

  std::mutex mutex_;  // protects all below
  std::condition_variable nobody_left_;
  std::list<std::thread> working_;
  std::thread last_;  // has left, or is about to return
};

class ThreadPerConnection : public RunningModel {
 public:
  ThreadPerConnection(Service& service, const Listener& listener)
      : acceptor_(make_acceptor(context_, listener)), thread_([this, &service] {
          block_on_accepting(service, acceptor_, [&](Session session, Socket<Loop> socket) {
            begin(service, std::move(session), std::move(socket));
          });
        }) {}

 private:
  /// In the lambda the socket comes first, so that it goes last: after its account is closed.
  void begin(Service& service, Session session, Socket<Loop> socket) {
    try {
      crowd_.start([&service, socket = std::move(socket), session = std::move(session)]() mutable {
        try {
          echo(service, session, socket);
        } catch (const std::bad_alloc&) {
          // This connection closes, and the books call it an error.
        }
        session.close();
        socket.close();
      });
    } catch (const std::system_error&) {
      // No more threads: this connection closes, and the books call it an error. The others live.
    }
  }

  asio::io_context context_;  // never run: blocking sockets need one only to belong to
  Acceptor acceptor_;         // made before the thread, so that a failure is the starter's to tell
  Crowd crowd_;
  std::jthread thread_;
};

}  // namespace

extern const Model thread;
const Model thread{
    .name = "thread",
    .what = "one blocking thread per connection",
    .teaches = "scales until threads cost",
    .start = [](Service& service, std::span<Listener> listeners) -> std::unique_ptr<RunningModel> {
      return std::make_unique<ThreadPerConnection>(service, listeners.front());
    }};

}  // namespace contend::server
