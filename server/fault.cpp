#include "server/fault.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace contend::server {
namespace {

bool corrupt(Answer& answer, FaultyConnection& connection, FaultMemory&) {
  if (answer.bytes.empty()) return false;
  std::uniform_int_distribution<std::size_t> anywhere(0, answer.bytes.size() - 1);
  char& byte = answer.bytes[anywhere(connection.random)];
  byte = static_cast<char>(byte ^ 1);
  return true;
}

bool truncate(Answer& answer, FaultyConnection&, FaultMemory&) {
  if (answer.bytes.empty()) return false;
  answer.bytes = answer.bytes.first(answer.bytes.size() / 2);
  return true;
}

bool duplicate(Answer& answer, FaultyConnection&, FaultMemory&) {
  if (answer.bytes.empty()) return false;
  answer.again = answer.bytes;
  return true;
}

/// The second half before the first.
bool reorder(Answer& answer, FaultyConnection&, FaultMemory&) {
  const std::string before(answer.bytes.begin(), answer.bytes.end());
  const auto middle = answer.bytes.begin() + static_cast<std::ptrdiff_t>(answer.bytes.size() / 2);
  std::rotate(answer.bytes.begin(), middle, answer.bytes.end());
  return !std::ranges::equal(before, answer.bytes);
}

/// What another connection had said, instead of this one's own words.
bool crosstalk(Answer& answer, FaultyConnection& connection, FaultMemory& memory) {
  const std::string own(answer.bytes.begin(), answer.bytes.end());
  const std::lock_guard lock(memory.mutex);
  const bool foreign = memory.last_connection != connection.number;
  memory.last_connection = connection.number;
  const std::string other = std::exchange(memory.last_bytes, own);
  if (!foreign) return false;
  const std::size_t size = std::min(other.size(), own.size());
  std::ranges::copy(other.substr(0, size), answer.bytes.begin());
  return !std::ranges::equal(own, answer.bytes);
}

bool drop(Answer& answer, FaultyConnection&, FaultMemory&) {
  if (answer.bytes.empty()) return false;
  answer.bytes = {};
  return true;
}

bool stall(Answer& answer, FaultyConnection&, FaultMemory&) {
  answer.stall = true;
  return true;
}

bool reset(Answer& answer, FaultyConnection&, FaultMemory&) {
  answer.reset = true;
  return true;
}

bool leak(Answer&, FaultyConnection&, FaultMemory& memory) {
  constexpr std::size_t block = 64 * 1024;
  const std::lock_guard lock(memory.mutex);
  memory.leaked.emplace_back(block, 'x');
  return true;
}

bool slow(Answer& answer, FaultyConnection&, FaultMemory&) {
  answer.pause += std::chrono::milliseconds(100);
  return true;
}

constexpr std::array faults{
    Fault{"corrupt", "flips a bit of one byte", "a wrong byte, at its offset", corrupt},
    Fault{"truncate", "keeps back the second half of the answer", "missing bytes", truncate},
    Fault{"duplicate", "sends the answer twice", "surplus bytes", duplicate},
    Fault{"reorder", "sends the second half before the first", "bytes in another order", reorder},
    Fault{"crosstalk", "sends another connection's bytes", "another connection's bytes", crosstalk},
    Fault{"drop", "never sends the answer", "a message without an answer", drop},
    Fault{"stall", "never answers this connection again", "a connection that starves", stall},
    Fault{"reset", "resets the connection", "a reset by the server", reset},
    Fault{"leak", "keeps 64 KiB for ever", "server memory that grows with the load", leak},
    Fault{"slow", "waits 100 ms before it answers", "latency", slow},
};

}  // namespace

std::span<const Fault> all_faults() {
  return faults;
}

const Fault* find_fault(std::string_view name) {
  const auto* found = std::ranges::find(faults, name, &Fault::name);
  return found == faults.end() ? nullptr : found;
}

Faults::Faults(const std::vector<FaultOption>& options, std::uint64_t seed) : seed_(seed) {
  for (const FaultOption& option : options) {
    const Fault* fault = find_fault(option.name);
    CONTEND_CHECK(fault != nullptr);
    planted_.push_back(std::make_unique<Planted>());
    planted_.back()->fault = fault;
    planted_.back()->rate = option.rate;
  }
}

FaultyConnection Faults::connection(std::uint64_t number) const {
  std::seed_seq seeds{seed_, seed_ >> 32, number};
  return {number, std::minstd_rand(seeds)};
}

void Faults::apply(Answer& answer, FaultyConnection& connection) {
  for (const auto& planted : planted_) {
    if (!std::bernoulli_distribution(planted->rate)(connection.random)) continue;
    if (!planted->fault->strike(answer, connection, memory_)) continue;
    planted->injected.fetch_add(1, std::memory_order_relaxed);
  }
}

void Faults::forget(const FaultyConnection& connection) {
  const std::lock_guard lock(memory_.mutex);
  if (memory_.last_connection == connection.number) memory_.last_bytes.clear();
}

std::uint64_t Faults::injected() const {
  std::uint64_t sum = 0;
  for (const auto& planted : planted_) sum += planted->injected.load(std::memory_order_relaxed);
  return sum;
}

}  // namespace contend::server
