#include "server/ledger.hpp"

#include <algorithm>
#include <cstring>
#include <sys/socket.h>

namespace contend::server {
namespace {

void give_up(Account& account, End reason) {
  account.ended_from_outside = reason;
  account.given_up.store(true, std::memory_order_relaxed);
  ::shutdown(account.descriptor, SHUT_RDWR);
}

}  // namespace

std::optional<Ledger::Entry> Ledger::open(int descriptor) {
  const std::lock_guard lock(mutex_);
  if (draining_ || (most_active_ > 0 && live_.size() >= most_active_)) {
    ++closed_.refused;
    return std::nullopt;
  }
  const Entry entry = live_.emplace(live_.end(), descriptor, closed_.accepted + 1);
  ++closed_.accepted;
  closed_.most_active = std::max<std::uint64_t>(closed_.most_active, live_.size());
  return entry;
}

void Ledger::close(Entry entry, const Closing& closing) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t in = entry->bytes_in.load(std::memory_order_relaxed);
  const std::uint64_t out = entry->bytes_out.load(std::memory_order_relaxed);
  ++closed_.closed[static_cast<std::size_t>(entry->ended_from_outside.value_or(closing.end))];
  closed_.bytes_in += in;
  closed_.bytes_out += out;
  closed_.bytes_owed += closing.owed;
  closed_.bytes_added += closing.added;
  closed_.bytes_unaccounted += static_cast<std::int64_t>(in + closing.added - out - closing.owed);
  live_.erase(entry);
}

void Ledger::count_accept_error(const boost::system::error_code& error) {
  const char* name = ::strerrorname_np(error.value());
  const std::lock_guard lock(mutex_);
  ++closed_.accept_errors[name != nullptr ? name : error.message()];
}

void Ledger::begin_drain() {
  const std::lock_guard lock(mutex_);
  draining_.store(true, std::memory_order_release);
  for (const Account& account : live_) ::shutdown(account.descriptor, SHUT_RD);
}

void Ledger::end_idle(std::chrono::nanoseconds timeout, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  for (Account& account : live_) {
    const std::uint64_t moved = account.bytes_in.load(std::memory_order_relaxed) +
                                account.bytes_out.load(std::memory_order_relaxed);
    if (moved != account.bytes_seen) {
      account.bytes_seen = moved;
      account.quiet_since = now;
    } else if (now - account.quiet_since >= timeout) {
      give_up(account, End::idle);
    }
  }
}

std::size_t Ledger::cut(End reason) {
  const std::lock_guard lock(mutex_);
  for (Account& account : live_) {
    give_up(account, reason);
  }
  return live_.size();
}

Totals Ledger::totals() const {
  const std::lock_guard lock(mutex_);
  Totals totals = closed_;
  totals.active = live_.size();
  for (const Account& account : live_) {
    totals.bytes_in += account.bytes_in.load(std::memory_order_relaxed);
    totals.bytes_out += account.bytes_out.load(std::memory_order_relaxed);
  }
  return totals;
}

}  // namespace contend::server
