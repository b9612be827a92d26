// One client that follows a script, without a socket: what it sends next, and whether what comes is
// what the script expects. A message is one pass through what the script repeats.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "loadgen/account.hpp"
#include "loadgen/script.hpp"

namespace contend::loadgen {

/// Threads: one owner, who also owns the tally.
class ScriptSession : public Account {
 public:
  /// `host` is what {host} stands for.
  ScriptSession(const Script& script, std::string host, const SessionPlan& plan, Tally& tally)
      : Account(plan, tally), script_(&script), host_(std::move(host)) {}

  /// As of Session.
  void connected();
  std::span<const char> to_write(Clock::time_point now, std::span<char> room);
  void wrote(std::size_t count);
  bool all_written() const { return written_ == out_.size() && (active_ || flights_.empty()); }
  std::size_t room_to_write() const;
  bool received(std::span<const char> bytes, Clock::time_point now);
  void lost(Cause cause, Clock::time_point now);

 private:
  const Step& step() const { return script_->steps[at_]; }
  void enter(Clock::time_point now);
  void next(Clock::time_point now);
  std::size_t take(std::string_view bytes, Clock::time_point now);
  std::size_t take_literal(std::string_view bytes, Clock::time_point now);
  std::size_t take_pattern(std::string_view bytes, Clock::time_point now);
  bool match();
  void blame(Cause cause, std::string_view wanted, std::string_view got, const std::string& note);
  std::string rendered(const std::string& text) const;
  std::string where() const;

  const Script* script_;
  std::string host_;
  std::string out_;
  std::size_t written_ = 0;
  std::size_t at_ = 0;                   // the step
  std::string expected_;                 // of a literal
  std::size_t remaining_ = 0;            // of a literal or a length
  std::string gathered_;                 // for a pattern
  std::optional<std::size_t> captured_;  // the last pattern's first group, if it is a length
  std::uint64_t offset_ = 0;             // of the connection's stream
  bool fresh_ = true;                    // nothing was said on this connection yet
  bool active_ = false;                  // within a pass
  bool broken_ = false;
};

}  // namespace contend::loadgen
