// Any text as an encoded histogram: refused, or one that survives another round trip.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.hpp"
#include "core/histogram_codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace contend;
  const auto histogram =
      decode_histogram(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!histogram) return 0;
  const auto again = decode_histogram(encode(*histogram));
  CONTEND_CHECK(again.has_value());
  CONTEND_CHECK(again->counts() == histogram->counts());
  return 0;
}
