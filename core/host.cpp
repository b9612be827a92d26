#include "core/host.hpp"

#include <ctime>
#include <fstream>
#include <sys/utsname.h>
#include <thread>

#include "core/version.hpp"

#if defined(__has_feature)
#define CONTEND_HAS_FEATURE(name) __has_feature(name)
#else
#define CONTEND_HAS_FEATURE(name) 0
#endif

namespace contend {
namespace {

std::string cpu_model() {
  std::ifstream lines("/proc/cpuinfo");
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("model name")) continue;
    const auto colon = line.find(": ");
    return colon == std::string::npos ? "" : line.substr(colon + 2);
  }
  return "";
}

std::string kernel() {
  utsname names{};
  if (::uname(&names) != 0) return "";
  return std::string(names.sysname) + " " + names.release;
}

std::string compiler() {
#if defined(__clang__)
  // Not __clang_version__, in which a distribution may put a blank or an address.
  return "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__) + "." +
         std::to_string(__clang_patchlevel__);
#else
  return "g++ " __VERSION__;
#endif
}

}  // namespace

const char* this_sanitizer() {
#if defined(__SANITIZE_THREAD__) || CONTEND_HAS_FEATURE(thread_sanitizer)
  return "thread";
#elif defined(__SANITIZE_ADDRESS__) || CONTEND_HAS_FEATURE(address_sanitizer)
  return "address,undefined";
#else
  return "none";
#endif
}

Host this_host() {
  return {.cpus = static_cast<std::int64_t>(std::thread::hardware_concurrency()),
          .model = cpu_model(),
          .kernel = kernel(),
          .compiler = compiler(),
          .sanitizer = this_sanitizer(),
          .build_type = build_type,
          .revision = revision};
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

Report new_report(std::string tool) {
  Report report;
  report.tool = std::move(tool);
  report.version = version;
  report.started_utc = utc_now();
  report.host = this_host();
  return report;
}

}  // namespace contend
