// Names what is wrong with a stream, from the first bytes that are not the expected ones. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "loadgen/fault.hpp"
#include "loadgen/wire.hpp"

namespace contend::loadgen {

/// Where in a client's stream the first unexpected byte stands.
struct Place {
  MessageId message;
  std::size_t at = 0;       ///< byte within that message
  std::uint64_t begun = 0;  ///< number of the first message that was not sent yet
  std::uint64_t offset = 0;

  bool expects_something() const { return message.number < begun; }
};

/// How many bytes from `place` on are worth waiting for before judging; they will come if the
/// server lost nothing. `window` is what is there: a skipped message asks for the one behind it.
std::size_t bytes_to_judge(const Wire& wire, const Place& place, std::string_view window);

struct Judgement {
  Fault fault;
  bool in_place = false;  ///< the stream goes on where it should: only some bytes differ
};

/// `window` holds what came from `place` on; at least one byte.
Judgement classify(const Wire& wire, const Place& place, std::string_view window);

}  // namespace contend::loadgen
