#include "server/options.hpp"

#include <algorithm>
#include <thread>

namespace contend::server {

unsigned Options::loops() const {
  return threads.value_or(std::max(2U, std::thread::hardware_concurrency()));
}

}  // namespace contend::server
