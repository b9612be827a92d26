// How far a server's certificate is trusted.
#pragma once

#include <string>

namespace contend::loadgen {

struct TlsOptions {
  std::string authorities;  ///< a file of certificates in PEM; empty: the system's
  bool insecure = false;    ///< any certificate will do
};

}  // namespace contend::loadgen
