// What moves the bytes of TCP and Unix sockets: the worker's Poller (asio) or its Ring (uring).
// Asio does everything else, TLS and UDP among it.
#pragma once

#include <optional>

#include "core/expected.hpp"

namespace contend::loadgen {

enum class Engine { asio, uring };

const char* name_of(Engine engine);

/// The one that was asked for, if there are such sockets; otherwise uring, where the kernel allows
/// it and ThreadSanitizer, which does not see what a ring writes, does not watch us. Errors: the
/// kernel does not allow what was asked for.
Expected<Engine> choose_engine(std::optional<Engine> asked, bool has_such_sockets);

}  // namespace contend::loadgen
