#include "loadgen/engine.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include "core/process.hpp"

namespace contend::loadgen {
namespace {

#if defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
constexpr Engine built_on = Engine::uring;
#else
constexpr Engine built_on = Engine::asio;
#endif

}  // namespace

Expected<void> stand_on(Engine engine, char** argv) {
  if (engine == Engine::asio) return {};
  if (built_on != engine) {
    return become_program("loadgen-uring", argv,
                          "--engine uring: not built here; install liburing-dev, configure and "
                          "build again without a sanitizer");
  }
  try {
    boost::asio::io_context context{1};
    const boost::asio::generic::stream_protocol::socket socket(context);
  } catch (const boost::system::system_error& error) {
    return world_error("--engine uring: " + std::string(error.what()));
  }
  return {};
}

}  // namespace contend::loadgen
