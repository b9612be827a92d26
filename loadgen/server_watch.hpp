// What a server's process used while it was under load, read from /proc ten times a second.
#pragma once

#include <sys/types.h>
#include <thread>
#include <vector>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend::loadgen {

/// One look at a process.
struct ProcessUse {
  double cpu_seconds = 0;  ///< since it was started
  double rss_bytes = 0;
  double descriptors = 0;
};

/// Errors: no such process, or one that we may not look at.
Expected<ProcessUse> look_at_process(pid_t pid);

/// The looks of a whole run.
struct ServerUse {
  double cpu_seconds = 0;  ///< during the run
  double peak_rss_bytes = 0;
  double peak_descriptors = 0;
  bool ended = false;  ///< before we stopped looking
  std::vector<Point> cpu_cores;
  std::vector<Point> rss_bytes;
  std::vector<Point> descriptors;
};

/// The metric server_descriptors and the series server_cpu_cores, server_rss_bytes and
/// server_descriptors; of a server that we did not start, its CPU and memory as metrics too.
void add_server_use(const ServerUse& use, bool attached, Case& result);

/// Threads: one of its own looks; the owner starts and stops it.
class ServerWatch {
 public:
  explicit ServerWatch(pid_t pid);
  ServerWatch(const ServerWatch&) = delete;
  ServerWatch& operator=(const ServerWatch&) = delete;

  ServerUse stop();

 private:
  void watch(const std::stop_token& stop);

  pid_t pid_;
  ServerUse use_;  // the thread's until it is joined
  std::jthread thread_;
};

}  // namespace contend::loadgen
