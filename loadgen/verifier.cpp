#include "loadgen/verifier.hpp"

#include <algorithm>
#include <utility>

namespace contend::loadgen {

void Verifier::restart(std::uint64_t number) {
  number_ = number;
  at_ = 0;
  offset_ = 0;
  spoiling_ = false;
  broken_ = false;
  window_.clear();
}

void Verifier::begin_step() {
  faults_.clear();
  spoiled_.clear();
  verified_ = 0;
}

void Verifier::accept(std::span<const char> bytes, std::uint64_t begun) {
  begin_step();
  if (window_.empty()) {
    take(bytes, begun);
  } else {
    suspect(bytes, begun);
  }
}

void Verifier::conclude(std::uint64_t begun) {
  begin_step();
  if (!window_.empty()) judge(begun);
}

void Verifier::take(std::span<const char> bytes, std::uint64_t begun) {
  if (at_ == 0 && !spoiling_ && wire_->verify) bytes = bytes.subspan(take_whole(bytes, begun));
  while (!bytes.empty() && !broken_) {
    const std::size_t good = number_ < begun ? take_expected(bytes) : 0;
    bytes = bytes.subspan(good);
    if (good == 0) return suspect(bytes, begun);
  }
}

/// How many bytes are whole and right messages: nearly all there are, and quickly found to be.
std::size_t Verifier::take_whole(std::span<const char> bytes, std::uint64_t begun) {
  std::size_t taken = 0;
  std::uint64_t number = number_;
  while (number < begun) {
    const MessageId id{client_, number};
    const std::size_t size = wire_->size_of(id);
    if (size > bytes.size() - taken) break;
    if (!wire_->payload.matches(id, size, 0, bytes.subspan(taken, size))) break;
    taken += size;
    ++number;
  }
  number_ = number;
  offset_ += taken;
  verified_ += taken;
  return taken;
}

/// How many bytes, at most the rest of the current message, are right; 0 at a wrong one.
std::size_t Verifier::take_expected(std::span<const char> bytes) {
  const std::size_t size = wire_->size_of(message());
  std::size_t count = std::min(bytes.size(), size - at_);
  const bool looking = wire_->verify && !spoiling_;
  if (looking && !wire_->payload.matches(message(), size, at_, bytes.first(count))) {
    const std::string expected = wire_->payload.bytes(message(), size, at_, count);
    const auto wrong = std::ranges::mismatch(expected, bytes).in1;
    count = static_cast<std::size_t>(wrong - expected.begin());
  }
  if (!spoiling_) verified_ += count;
  advance(count, size);
  return count;
}

void Verifier::advance(std::size_t count, std::size_t size) {
  at_ += count;
  offset_ += count;
  if (at_ < size) return;
  if (std::exchange(spoiling_, false)) spoiled_.push_back(number_);
  at_ = 0;
  ++number_;
}

void Verifier::suspect(std::span<const char> bytes, std::uint64_t begun) {
  window_.append(bytes.data(), bytes.size());
  if (window_.size() >= bytes_to_judge(*wire_, place(begun), window_)) judge(begun);
}

void Verifier::judge(std::uint64_t begun) {
  const std::string window = std::exchange(window_, {});
  Judgement judgement = classify(*wire_, place(begun), window);
  faults_.push_back(std::move(judgement.fault));
  broken_ = !judgement.in_place;
  if (broken_) return;
  // The rest of this message is not looked at: it counts as one fault, whatever else is in it.
  spoiling_ = true;
  take(window, begun);
}

Place Verifier::place(std::uint64_t begun) const {
  return {.message = message(), .at = at_, .begun = begun, .offset = offset_};
}

}  // namespace contend::loadgen
