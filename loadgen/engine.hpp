// What moves the bytes: Asio on epoll, or Asio on io_uring. The second changes the type of every
// socket in a program, so it is a program of its own, of the same sources.
#pragma once

#include "core/expected.hpp"

namespace contend::loadgen {

enum class Engine { asio, uring };

/// Returns when this program is the one built on `engine` and the kernel lets it have what that
/// needs; becomes that program, with the same arguments, when it is another.
Expected<void> stand_on(Engine engine, char** argv);

}  // namespace contend::loadgen
