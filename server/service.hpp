// What all connections of one server share, whatever the model: the options, the ledger, the
// counter, and the event that wakes sleepers when the server is cut short.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include <boost/system/error_code.hpp>

#include "server/buffers.hpp"
#include "server/counter.hpp"
#include "server/fault.hpp"
#include "server/ledger.hpp"
#include "server/options.hpp"
#include "server/tls.hpp"

namespace contend::server {

class Session;

/// What to do after accept failed.
enum class AcceptAdvice {
  retry,  ///< that one connection is gone; the next may be fine
  pause,  ///< we lack something (descriptors, memory) that comes back: try again a little later
  stop    ///< the listener has been shut down
};

class Service {
 public:
  /// Throws std::system_error where no descriptor is left.
  explicit Service(const Options& options, std::optional<TlsContext> tls = std::nullopt);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  const Options& options() const { return options_; }
  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }
  Counter* counter() { return counter_.get(); }  ///< null: none
  const Counter* counter() const { return counter_.get(); }

  Buffers& buffers() { return buffers_; }

  const TlsContext* tls() const { return tls_ ? &*tls_ : nullptr; }  ///< null: plain

  Faults* faults() { return faults_.get(); }  ///< null: none
  const Faults* faults() const { return faults_.get(); }

  /// Takes an accepted connection into the books; the caller keeps owning the descriptor. `shared`
  /// is as for Session. Nothing: refuse it, that is, close it. Throws std::bad_alloc, having booked
  /// an error.
  std::optional<Session> admit(int descriptor, char* shared = nullptr);

  /// Books a failed accept.
  AcceptAdvice accept_failed(const boost::system::error_code& error);
  static constexpr std::chrono::milliseconds accept_pause{50};

  /// While held, whoever accepts finishes the accept() it is in, at most, and then pauses.
  void hold_accepts(bool held) { accepts_held_.store(held, std::memory_order_relaxed); }
  bool accepts_held() const { return accepts_held_.load(std::memory_order_relaxed); }

  /// Sleeps this thread; cut short by wake_sleepers().
  void sleep(Nanoseconds duration) const;

  /// Ends every sleep(), now and to come.
  void wake_sleepers();

 private:
  Options options_;
  std::optional<TlsContext> tls_;
  Ledger ledger_;
  Buffers buffers_;
  std::unique_ptr<Counter> counter_;
  std::unique_ptr<Faults> faults_;
  std::atomic<bool> accepts_held_{false};  // relaxed, without a pair: it publishes nothing
  int wake_event_;
};

}  // namespace contend::server
