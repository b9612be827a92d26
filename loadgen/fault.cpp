#include "loadgen/fault.hpp"

#include <fmt/format.h>

namespace contend::loadgen {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", static_cast<unsigned char>(byte));
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace

std::string describe(const Fault& fault) {
  std::string text =
      fmt::format("{}: client {}, message {}, byte {} of its stream", describe(fault.cause),
                  fault.message.client, fault.message.number, fault.offset);
  if (!fault.wanted.empty() || !fault.got.empty()) {
    text += fmt::format("; wanted {}, got {}", hex(fault.wanted), hex(fault.got));
  }
  if (!fault.note.empty()) text += "; " + fault.note;
  return text;
}

}  // namespace contend::loadgen
