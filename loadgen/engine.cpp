#include "loadgen/engine.hpp"

#include <string_view>

#include "core/host.hpp"

#include "loadgen/ring.hpp"

namespace contend::loadgen {

const char* name_of(Engine engine) {
  return engine == Engine::uring ? "uring" : "asio";
}

Expected<Engine> choose_engine(std::optional<Engine> asked) {
  if (asked == Engine::asio) return Engine::asio;
  if (!asked && std::string_view(this_sanitizer()) == "thread") return Engine::asio;
  const Expected<void> allowed = Ring::is_allowed();
  if (allowed) return Engine::uring;
  if (!asked) return Engine::asio;
  return world_error("--engine uring: " + allowed.error().message);
}

}  // namespace contend::loadgen
