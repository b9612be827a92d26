// Where our connections come from: --source-ip. One address has some 28,000 ports towards a target;
// a range has that many times its addresses. On loopback all of 127.0.0.0/8 is there without setup.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/system/error_code.hpp>

#include "core/expected.hpp"

#include "loadgen/address.hpp"

namespace contend::loadgen {

class SourceRange {
 public:
  /// "127.0.0.0/8", "10.1.0.0/24", "10.1.0.7". IPv4. Of a range its network and broadcast
  /// addresses are left out.
  static Expected<SourceRange> parse(std::string_view text);

  std::uint64_t count() const { return count_; }
  const std::string& text() const { return text_; }

  /// The same for the same client, whoever drives it.
  Address of(std::uint32_t client) const;

 private:
  std::string text_;
  std::uint32_t first_ = 0;
  std::uint64_t count_ = 1;
};

/// Makes a socket that is not yet connected start from `source` if there is one; its port is chosen
/// when it connects, so that only the pair with the target must be free, and is looked for among
/// all of the machine's ports.
boost::system::error_code set_source(int socket, const std::optional<Address>& source);

}  // namespace contend::loadgen
