#include "loadgen/script_session.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "loadgen/rooms.hpp"

namespace contend::loadgen {
namespace {

constexpr std::size_t excerpt_size = 16;
// A line or a head that is longer is none.
constexpr std::size_t most_gathered = 65536;

void replace_all(std::string& text, std::string_view word, std::string_view by) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size())) {
    text.replace(at, word.size(), by);
  }
}

}  // namespace

void ScriptSession::connected() {
  out_.clear();
  gathered_.clear();
  captured_.reset();
  written_ = 0;
  offset_ = 0;
  fresh_ = true;
  active_ = broken_ = false;
}

std::span<const char> ScriptSession::to_write(Clock::time_point now, std::span<char> room) {
  if (!active_ && !flights_.empty()) {
    active_ = true;
    at_ = std::exchange(fresh_, false) ? 0 : script_->repeat_from;
    flights_.set_sent(0, 1, now);
    enter(now);
  }
  const std::size_t count = std::min(room.size(), out_.size() - written_);
  std::copy_n(out_.data() + written_, count, room.data());
  return room.first(count);
}

std::size_t ScriptSession::room_to_write() const {
  constexpr std::size_t least = 1024;  // what is put into a send may make it longer
  return std::clamp(script_->largest_send(), least, largest_write);
}

void ScriptSession::wrote(std::size_t count) {
  written_ += count;
  tally_->bytes_sent += count;
  if (written_ < out_.size()) return;
  out_.clear();
  written_ = 0;
}

/// Prepares the step that is reached: sends what is to be sent, and passes over what is empty.
void ScriptSession::enter(Clock::time_point now) {
  for (; at_ < script_->steps.size(); ++at_) {
    if (step().kind == Step::Kind::send) {
      out_ += rendered(step().text);
    } else if (step().kind == Step::Kind::literal) {
      expected_ = rendered(step().text);
      remaining_ = expected_.size();
      return;
    } else if (step().kind == Step::Kind::length) {
      const auto length = step().length ? step().length : captured_;
      if (!length) return blame(Cause::unexpected, "", "", where() + ": {1} is no length");
      remaining_ = *length;
      if (remaining_ > 0) return;
    } else {
      gathered_.clear();
      return;
    }
  }
  active_ = false;
  complete(now);
}

void ScriptSession::next(Clock::time_point now) {
  ++at_;
  enter(now);
}

bool ScriptSession::received(std::span<const char> bytes, Clock::time_point now) {
  if (!judged_) first_answer(true, now);
  std::string_view rest(bytes.data(), bytes.size());
  while (!rest.empty() && !broken_) {
    if (!active_) {
      blame(Cause::surplus, "", rest, "nothing was asked");
      break;
    }
    const std::size_t taken = take(rest, now);
    offset_ += taken;
    tally_->bytes_verified += taken;
    rest.remove_prefix(taken);
  }
  return !broken_;
}

std::size_t ScriptSession::take(std::string_view bytes, Clock::time_point now) {
  if (step().kind == Step::Kind::literal) return take_literal(bytes, now);
  if (step().kind == Step::Kind::pattern) return take_pattern(bytes, now);
  const std::size_t count = std::min(bytes.size(), remaining_);
  remaining_ -= count;
  if (remaining_ == 0) next(now);
  return count;
}

std::size_t ScriptSession::take_literal(std::string_view bytes, Clock::time_point now) {
  const std::size_t from = expected_.size() - remaining_;
  const std::string_view wanted = std::string_view(expected_).substr(from, bytes.size());
  const auto wrong = std::ranges::mismatch(wanted, bytes);
  const auto right = static_cast<std::size_t>(wrong.in1 - wanted.begin());
  if (right < wanted.size()) {
    offset_ += right;
    tally_->bytes_verified += right;
    blame(Cause::unexpected, wanted.substr(right, excerpt_size), bytes.substr(right), where());
    return 0;
  }
  remaining_ -= right;
  if (remaining_ == 0) next(now);
  return right;
}

std::size_t ScriptSession::take_pattern(std::string_view bytes, Clock::time_point now) {
  const std::size_t before = gathered_.size();
  const std::string& until = step().until;
  gathered_.append(bytes.substr(0, most_gathered));
  const auto end = gathered_.find(until, before - std::min(before, until.size() - 1));
  if (end == std::string::npos) {
    if (gathered_.size() >= most_gathered) {
      blame(Cause::unexpected, "", gathered_, where() + ": its end did not come within 64 KiB");
    }
    return std::min(bytes.size(), most_gathered);
  }
  gathered_.resize(end + until.size());
  const std::size_t taken = gathered_.size() - before;
  if (match()) next(now);
  return broken_ ? 0 : taken;
}

bool ScriptSession::match() {
  const Pattern::Match found = step().pattern->search(gathered_);
  if (!found.found) {
    blame(Cause::unexpected, "", gathered_, where() + ": this does not match");
    return false;
  }
  captured_.reset();
  std::size_t length = 0;
  const char* end = found.first_group.data() + found.first_group.size();
  const auto [rest, failed] = std::from_chars(found.first_group.data(), end, length);
  if (failed == std::errc{} && rest == end && length <= longest_answer) captured_ = length;
  return true;
}

void ScriptSession::blame(Cause cause, std::string_view wanted, std::string_view got,
                          const std::string& note) {
  broken_ = true;
  tally_->add({.cause = cause,
               .message = {plan_.client, begun_ - (flights_.empty() ? 0 : 1)},
               .offset = offset_,
               .wanted = std::string(wanted.substr(0, excerpt_size)),
               .got = std::string(got.substr(0, excerpt_size)),
               .note = note});
}

void ScriptSession::lost(Cause cause, Clock::time_point now) {
  if (cause == Cause::timeout && !judged_) cause = Cause::starved;
  if (!judged_) first_answer(false, now);
  if (!broken_) blame(cause, "", "", active_ ? where() : "");
  active_ = false;
  while (!flights_.empty()) fail();
}

std::string ScriptSession::rendered(const std::string& text) const {
  if (text.find('{') == std::string::npos) return text;
  std::string bytes = text;
  const auto number = static_cast<std::uint32_t>(begun_ - 1);
  replace_all(bytes, "{id}", fmt::format("{:08x}{:08x}", plan_.client, number));
  replace_all(bytes, "{host}", host_);
  return bytes;
}

std::string ScriptSession::where() const {
  return fmt::format("{} line {}", script_->name, step().line);
}

}  // namespace contend::loadgen
