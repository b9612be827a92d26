#include "loadgen/tally.hpp"

#include <algorithm>
#include <utility>

namespace contend::loadgen {
namespace {

constexpr std::size_t most_faults = 200;

}  // namespace

void Tally::add(Fault fault) {
  ++errors[fault.cause];
  const bool known = std::ranges::any_of(faults, [&](const Fault& seen) {
    return seen.cause == fault.cause && seen.message.client == fault.message.client;
  });
  if (!known && faults.size() < most_faults) faults.push_back(std::move(fault));
}

void Tally::merge(const Tally& other) {
  planned += other.planned;
  sent += other.sent;
  answered += other.answered;
  failed += other.failed;
  unfinished += other.unfinished;
  bytes_sent += other.bytes_sent;
  bytes_verified += other.bytes_verified;
  connections += other.connections;
  replaced += other.replaced;
  unconnected += other.unconnected;
  datagrams_reordered += other.datagrams_reordered;
  datagrams_late += other.datagrams_late;
  errors.merge(other.errors);
  faults.insert(faults.end(), other.faults.begin(), other.faults.end());
  if (connect_error.empty()) connect_error = other.connect_error;
  first_answers.insert(first_answers.end(), other.first_answers.begin(), other.first_answers.end());
  intended.merge(other.intended);
  service.merge(other.service);
  lag.merge(other.lag);
  connect.merge(other.connect);
  timeline.merge(other.timeline);
  busiest_thread = std::max(busiest_thread, other.busiest_thread);
  longest_wait_for_core = std::max(longest_wait_for_core, other.longest_wait_for_core);
  late = std::max(late, other.late);
  first_sent = std::min(first_sent, other.first_sent);
  last_answer = std::max(last_answer, other.last_answer);
}

Nanoseconds Tally::busy() const {
  return last_answer < first_sent ? Nanoseconds{0} : last_answer - first_sent;
}

}  // namespace contend::loadgen
