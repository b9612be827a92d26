#include "server/service.hpp"

#include <cerrno>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <new>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "server/session.hpp"

namespace contend::server {

Service::Service(const Options& options, std::optional<TlsContext> tls)
    : options_(options),
      tls_(std::move(tls)),
      ledger_(options.max_connections.value_or(0)),
      buffers_(options.chunk),
      counter_(make_counter(options.counter)),
      faults_(options.faults.empty() ? nullptr
                                     : std::make_unique<Faults>(options.faults, options.seed)),
      wake_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_event_ < 0) throw std::system_error(errno, std::system_category());
}

Service::~Service() {
  ::close(wake_event_);
}

std::optional<Session> Service::admit(int descriptor, char* shared) {
  const std::optional<Ledger::Entry> entry = ledger_.open(descriptor);
  if (!entry) return std::nullopt;
  const int on = 1;  // Answers are complete writes: to wait for more would only delay them.
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (counter_) counter_->add_connection();
  try {
    return Session(*this, *entry, shared);
  } catch (const std::bad_alloc&) {
    ledger_.close(*entry, {.end = End::error});
    throw;
  }
}

AcceptAdvice Service::accept_failed(const boost::system::error_code& error) {
  if (ledger_.draining()) return AcceptAdvice::stop;
  ledger_.count_accept_error(error);
  switch (error.value()) {
    // accept(2): errors of the connection that was waiting, not of ours.
    case EINTR:
    case EAGAIN:
    case ECONNABORTED:
    case EPERM:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
      return AcceptAdvice::retry;
    default:
      return AcceptAdvice::pause;
  }
}

void Service::sleep(Nanoseconds duration) const {
  constexpr std::int64_t second = 1'000'000'000;
  const timespec time{duration.count() / second, duration.count() % second};
  pollfd woken{wake_event_, POLLIN, 0};
  ::ppoll(&woken, 1, &time, nullptr);
}

void Service::wake_sleepers() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_event_, &one, sizeof one);
}

}  // namespace contend::server
