// How the models that wait without blocking are written: a coroutine has one frame for its life,
// and an operation of Asio that it awaits resumes it straight from the loop. Asio's own awaitable
// makes a second frame for every operation and allocates a thread of frames to run it in.
#pragma once

#include <coroutine>
#include <exception>
#include <new>
#include <optional>
#include <tuple>
#include <utility>

#include <boost/asio/deferred.hpp>
#include <boost/asio/dispatch.hpp>

namespace contend::server {

namespace asio = boost::asio;

/// The handler of an operation: resumes the coroutine that waits for it. Whoever drops it uncalled,
/// as a loop does that has been stopped, ends that coroutine.
template <class... Results>
class Resumption {
 public:
  using Slot = std::optional<std::tuple<Results...>>;

  /// `slot` is part of the coroutine, and may be null where there is nothing to keep.
  Resumption(std::coroutine_handle<> waiting, Slot* slot) : waiting_(waiting), slot_(slot) {}
  Resumption(Resumption&& other) noexcept
      : waiting_(std::exchange(other.waiting_, {})), slot_(other.slot_) {}
  Resumption& operator=(Resumption&&) = delete;
  ~Resumption() {
    if (waiting_) waiting_.destroy();
  }

  void operator()(Results... results) {
    if (slot_ != nullptr) slot_->emplace(std::move(results)...);
    std::exchange(waiting_, {}).resume();
  }

 private:
  std::coroutine_handle<> waiting_;
  Slot* slot_;
};

/// Calls `begin`, which takes on a resumption. Where there is no memory for the operation, the
/// resumption has been dropped, and the coroutine with it: that connection ends, and nobody else's
/// does.
template <class Begin>
void begin_operation(Begin begin) {
  try {
    begin();
  } catch (const std::bad_alloc&) {
  }
}

/// What `co_await operation` waits with; comes to a tuple of the operation's results.
template <class Operation, class... Results>
class Awaiter {
 public:
  /// `operation` is part of the coroutine already.
  explicit Awaiter(Operation&& operation) : operation_(operation) {}

  bool await_ready() const { return false; }
  // Not inlined: clang would keep its variables in the frame, which may be gone before it returns.
  [[gnu::noinline]] void await_suspend(std::coroutine_handle<> waiting) {
    begin_operation([this, waiting] {
      Operation operation = std::move(operation_);
      std::move(operation)(Resumption<Results...>(waiting, &results_));
    });
  }
  std::tuple<Results...> await_resume() { return *std::move(results_); }

 private:
  Operation& operation_;
  typename Resumption<Results...>::Slot results_;
};

/// A coroutine that belongs to nobody once it has been started, and goes when it ends. It may await
/// any operation of Asio begun with asio::deferred. Errors: lack of memory ends it; other
/// exceptions leave the loop.
class Detached {
 public:
  struct promise_type {
    Detached get_return_object() {
      return Detached(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const {}
    void unhandled_exception() const {
      try {
        throw;
      } catch (const std::bad_alloc&) {
      }
    }

    template <class... Results, class... Parts>
    auto await_transform(asio::deferred_async_operation<void(Results...), Parts...>&& operation) {
      return Awaiter<decltype(operation), Results...>(std::move(operation));
    }
    template <class Other>
    Other await_transform(Other other) {
      return other;
    }
  };

  Detached(Detached&& other) noexcept : whole_(std::exchange(other.whole_, {})) {}
  Detached& operator=(Detached&&) = delete;
  ~Detached() {
    if (whole_) whole_.destroy();
  }

  /// Runs it on `executor` until it first waits: at once where this thread is already there. Throws
  /// std::bad_alloc; it is then gone.
  template <class Executor>
  void start_on(const Executor& executor) && {
    asio::dispatch(executor, Resumption<>(std::exchange(whole_, {}), nullptr));
  }

 private:
  explicit Detached(std::coroutine_handle<> whole) : whole_(whole) {}

  std::coroutine_handle<> whole_;
};

}  // namespace contend::server
