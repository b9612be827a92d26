// What all TLS clients of a thread share, without OpenSSL in sight.
#pragma once

#include <memory>

#include "core/expected.hpp"

#include "loadgen/tls_options.hpp"

namespace boost::asio::ssl {
class context;
}

namespace contend::loadgen {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// Refuses what `tls` says it should. Errors: the file of authorities cannot be read (world).
Expected<TlsContext> make_context(const TlsOptions& tls);

}  // namespace contend::loadgen
