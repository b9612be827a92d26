// One thing that went wrong with one message, with everything needed to find it again.
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/cause.hpp"
#include "loadgen/message_size.hpp"

namespace contend::loadgen {

struct Fault {
  Cause cause = Cause::corrupt;
  MessageId message;
  std::uint64_t offset = 0;  ///< byte of the connection's stream, from 0, counted as it arrived
  std::string wanted{};      ///< raw bytes, at most 16
  std::string got{};         ///< raw bytes, at most 16; empty where nothing came
  std::string note{};        ///< what else is known: "these are bytes of client 7, message 12"
};

/// One line: where, what was wanted, what came, in hex.
std::string describe(const Fault& fault);

}  // namespace contend::loadgen
