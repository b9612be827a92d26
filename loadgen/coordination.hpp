// What the ranks of a run on several machines ask of each other. Nothing here knows MPI; the one
// implementation that does is mpi_coordination.cpp, in a program of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/units.hpp"

namespace contend::loadgen {

/// How the clock of this rank stands to that of rank 0.
struct ClockAgreement {
  Nanoseconds offset{};        ///< ours minus theirs
  Nanoseconds bound{};         ///< how far that may be wrong: half the quickest exchange
  Nanoseconds worst_offset{};  ///< of all ranks; known to rank 0 only
  Nanoseconds worst_bound{};
};

struct RankMessage {
  std::uint32_t from = 0;
  std::string text;
};

/// Threads: one owner. Up to agree_clocks() all are called by all ranks in the same order; they
/// sleep while they wait. None is called by a thread that measures.
class Coordination {
 public:
  Coordination() = default;
  Coordination(const Coordination&) = delete;
  Coordination& operator=(const Coordination&) = delete;
  virtual ~Coordination() = default;

  virtual std::uint32_t rank() const = 0;
  virtual std::uint32_t size() const = 0;

  virtual void barrier() = 0;
  /// Rank 0's text, for all.
  virtual std::string broadcast(const std::string& text) = 0;
  /// The texts of all ranks for rank 0; for the others nothing.
  virtual std::vector<std::string> gather(const std::string& text) = 0;
  /// So that all can start at one time.
  virtual ClockAgreement agree_clocks() = 0;

  // None of these waits, so that a rank that is gone or hangs holds nobody up.

  /// Begins to add up what all ranks have, number by number; each calls it as often as the others,
  /// with as many numbers. It goes on while reduced() is called.
  virtual void reduce(std::vector<std::uint64_t> numbers) = 0;
  /// For rank 0, once for each time: the sums, in order. For the others nothing.
  virtual std::optional<std::vector<std::uint64_t>> reduced() = 0;

  virtual void send(std::uint32_t to, const std::string& text) = 0;
  virtual std::optional<RankMessage> receive() = 0;

  /// Ends the processes of all ranks, for want of a rank that would still end by itself.
  [[noreturn]] virtual void abort(int code) = 0;
};

/// For one process there is nothing to agree on.
class Alone final : public Coordination {
 public:
  std::uint32_t rank() const override { return 0; }
  std::uint32_t size() const override { return 1; }
  void barrier() override {}
  std::string broadcast(const std::string& text) override { return text; }
  std::vector<std::string> gather(const std::string& text) override { return {text}; }
  ClockAgreement agree_clocks() override { return {}; }
  void reduce(std::vector<std::uint64_t> numbers) override { sums_.push_back(std::move(numbers)); }
  std::optional<std::vector<std::uint64_t>> reduced() override {
    if (sums_.empty()) return std::nullopt;
    auto first = std::move(sums_.front());
    sums_.pop_front();
    return first;
  }
  void send(std::uint32_t, const std::string&) override {}
  std::optional<RankMessage> receive() override { return std::nullopt; }
  [[noreturn]] void abort(int code) override;

 private:
  std::deque<std::vector<std::uint64_t>> sums_;
};

}  // namespace contend::loadgen
