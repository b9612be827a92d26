// The shared `n += …` that the lessons are about: connections and bytes, counted by every thread
// that serves. Not the ledger, which is exact and against which this one is compared.
#pragma once

#include <cstdint>
#include <memory>

#include "server/options.hpp"

namespace contend::server {

struct Counted {
  std::uint64_t connections = 0;
  std::uint64_t bytes = 0;
};

/// Threads: add_… from any; read() only when nobody adds any more, or for a rough figure.
class Counter {
 public:
  Counter() = default;
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;
  virtual ~Counter() = default;

  virtual void add_connection() = 0;
  virtual void add_bytes(std::uint64_t bytes) = 0;
  virtual Counted read() const = 0;
};

/// Null for CounterKind::none.
std::unique_ptr<Counter> make_counter(CounterKind kind);

/// The racy one, apart from the others in counter_plain.cpp.
std::unique_ptr<Counter> make_plain_counter();

const char* to_string(CounterKind kind);

}  // namespace contend::server
