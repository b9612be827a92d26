#include "server/session.hpp"

#include <algorithm>
#include <array>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

#include <boost/asio/error.hpp>

namespace contend::server {
namespace {

/// One writer, so no read-modify-write is needed.
void add(std::atomic<std::uint64_t>& sum, std::size_t bytes) {
  sum.store(sum.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
}

std::size_t arrived(int descriptor) {
  int bytes = 0;
  return ::ioctl(descriptor, FIONREAD, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes)
                                                                 : 0;
}

/// Of a Unix socket nothing is on its way: it is at the other end at once.
bool has_unacknowledged(int descriptor) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return false;
  int bytes = 0;
  return info.tcpi_state != TCP_CLOSE && ::ioctl(descriptor, SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

void discard_arrived(int descriptor) {
  constexpr int most = 256;
  std::array<char, 16384> room;
  for (int i = 0; i < most; ++i) {
    if (::recv(descriptor, room.data(), room.size(), MSG_DONTWAIT) <= 0) return;
  }
}

}  // namespace

Session::Session(Service& service, Ledger::Entry entry, char* shared)
    : service_(&service), entry_(entry), shared_(shared) {
  if (shared_ == nullptr) buffer_ = service.buffers().take();
  if (const Faults* faults = service.faults()) faulty_ = faults->connection(entry->number);
}

bool Session::open(std::size_t held) {
  if (end_) return false;
  if (!service_->ledger().draining()) return true;
  // Under TLS this is more than will be read: then the end of file, which came with the drain, ends
  // it.
  if (!left_to_read_) left_to_read_ = arrived(entry_->descriptor);
  if (*left_to_read_ > 0 || held > 0) return true;
  end(End::drained);
  return false;
}

std::span<char> Session::room() {
  const std::size_t chunk = service_->options().chunk;
  const std::size_t left = left_to_read_.value_or(0);
  // Whoever needs a buffer of his own mostly needs it again.
  if (shared_ != nullptr && !std::exchange(kept_, false)) buffer_.reset();
  return {bytes(), left > 0 ? std::min(chunk, left) : chunk};
}

Write Session::received(std::size_t size, const boost::system::error_code& error) {
  if (error) {
    const bool end_of_file = error == boost::asio::error::eof;
    const End natural = service_->ledger().draining() ? End::drained : End::client;
    end(end_of_file ? natural : end_of(error));
    return {};
  }
  add(entry_->bytes_in, size);
  owed_ += size;
  if (left_to_read_) *left_to_read_ -= std::min(*left_to_read_, size);
  std::span<char> said(bytes(), size);
  if (service_->options().close_on_blank) said = said.first(until_blank_line(said));
  return said.empty() ? Write{} : answer(said);
}

Write Session::answer(std::span<char> bytes) {
  const Nanoseconds delay = service_->options().delay;
  if (Faults* faults = service_->faults()) return faulty(*faults, {.bytes = bytes, .pause = delay});
  return {.rest = bytes, .pause = delay};
}

Write Session::faulty(Faults& faults, Answer answer) {
  if (stalled_) return {};
  faults.apply(answer, *faulty_);
  stalled_ = answer.stall;
  reset_ = answer.reset;
  if (reset_) end(End::fault);
  if (stalled_ || reset_) return {};
  owed_ += answer.again.size();
  added_ += answer.again.size();
  return {.rest = answer.bytes, .pause = answer.pause, .again = answer.again};
}

void Session::keep(Write& write) {
  if (shared_ == nullptr || (write.rest.empty() && write.again.empty())) return;
  if (std::exchange(kept_, true)) return;
  if (!buffer_) buffer_ = service_->buffers().take();
  for (std::span<const char>* part : {&write.rest, &write.again}) {
    if (part->empty()) continue;
    char* place = buffer_.get() + (part->data() - shared_);
    std::ranges::copy(*part, place);
    *part = {place, part->size()};
  }
}

void Session::sent(Write& write, std::size_t size, const boost::system::error_code& error) {
  add(entry_->bytes_out, size);
  owed_ -= size;
  if (Counter* counter = service_->counter()) counter->add_bytes(size);
  write.rest = write.rest.subspan(size);
  if (write.rest.empty()) write.rest = std::exchange(write.again, {});
  if (!error) return;
  end(end_of(error));
  write.rest = {};
}

/// How many bytes come before the blank line, all if there is none; a blank line ends the session.
std::size_t Session::until_blank_line(std::span<const char> bytes) {
  std::size_t line_begin = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n' && line_is_blank_) {
      end(End::blank);
      return line_begin;
    }
    if (bytes[i] == '\n') {
      line_is_blank_ = true;
      line_begin = i + 1;
    } else if (bytes[i] != '\r') {
      line_is_blank_ = false;
    }
  }
  return bytes.size();
}

void Session::end(End reason) {
  if (!end_) end_ = reason;
}

bool Session::lingers() {
  const bool ours = end_ == End::drained || end_ == End::blank;
  if (!ours || reset_ || entry_->given_up.load(std::memory_order_relaxed)) return false;
  // A drain ends by itself.
  const bool too_long = ++lingered_ * linger_pause > service_->options().drain;
  if (end_ == End::blank && too_long) return false;
  if (!has_unacknowledged(entry_->descriptor)) return false;
  // Our half stays open: with both closed the kernel resets the connection as soon as more comes.
  discard_arrived(entry_->descriptor);
  return true;
}

void Session::close() {
  if (!service_) return;
  if (faulty_) service_->faults()->forget(*faulty_);
  const linger at_once{1, 0};
  if (reset_) {
    ::setsockopt(entry_->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  service_->ledger().close(entry_, {end_.value_or(End::error), owed_, added_});
  service_.reset();
}

}  // namespace contend::server
