// Makes the clients of a thread: which protocol, over what, behaving how. The only place that knows
// all kinds; holds what they share.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "loadgen/plan.hpp"
#include "loadgen/rude_client.hpp"
#include "loadgen/stream_clients.hpp"
#include "loadgen/tls_context.hpp"
#include "loadgen/wire.hpp"

namespace contend::loadgen {

/// Must outlive its clients. Threads: one, as they are: OpenSSL fills in what a context shares when
/// it is first needed, with atomics that ThreadSanitizer does not see in a library.
class ClientFactory {
 public:
  explicit ClientFactory(const Plan& plan);

  /// Client number `client`.
  std::unique_ptr<Client> make(const Surroundings& around, std::uint32_t client) const;

  /// Bad client number `i`, whose tally is that of its group.
  std::unique_ptr<RudeClient> make_rude(boost::asio::io_context& context, std::uint32_t i,
                                        Tally& tally) const;

 private:
  const Plan* plan_;
  Wire wire_;
  std::deque<Wire> rude_wires_;  // one a group
  TlsContext tls_;
};

}  // namespace contend::loadgen
