#include "races/explore/hang.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <sys/syscall.h>
#include <utility>

#include <fmt/format.h>

namespace contend::explore {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<long, std::string_view>, 20> names{{
    {SYS_read, "read"},
    {SYS_write, "write"},
    {SYS_poll, "poll"},
    {SYS_ppoll, "ppoll"},
    {SYS_select, "select"},
    {SYS_pselect6, "pselect"},
    {SYS_epoll_wait, "epoll_wait"},
    {SYS_accept, "accept"},
    {SYS_accept4, "accept4"},
    {SYS_connect, "connect"},
    {SYS_recvfrom, "recv"},
    {SYS_recvmsg, "recvmsg"},
    {SYS_sendto, "send"},
    {SYS_wait4, "waitpid"},
    {SYS_rt_sigtimedwait, "sigwait"},
    {SYS_clock_nanosleep, "sleep"},
    {SYS_flock, "flock"},
    {SYS_rt_sigsuspend, "sigsuspend"},
    {SYS_openat, "open"},
    {SYS_fcntl, "fcntl"},
}};

char state_of(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(file, text);
  const std::size_t end = text.rfind(')');
  return end == std::string::npos || end + 2 >= text.size() ? '?' : text[end + 2];
}

bool computes(pid_t process) {
  std::error_code none;
  for (const auto& task :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process), none)) {
    if (state_of(std::stoi(task.path().filename().string())) == 'R') return true;
  }
  return false;
}

}  // namespace

std::string blocking_call(pid_t process) {
  std::error_code none;
  for (const auto& task :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process), none)) {
    std::ifstream file(task.path() / "syscall");
    long number = -1;
    if (!(file >> number) || number == SYS_futex || number == SYS_pause) continue;
    for (const auto& [known, name] : names) {
      if (known == number) return std::string(name);
    }
    return fmt::format("system call {}", number);
  }
  return "futex";
}

std::optional<std::string> HangWatch::look(pid_t process, std::uint64_t steps) {
  const Clock::time_point now = Clock::now();
  if (steps != steps_) {
    steps_ = steps;
    since_ = awake_ = now;
  }
  if (computes(process)) awake_ = now;
  if (now - awake_ > 3s) return "blocked in uncontrolled call " + blocking_call(process);
  if (now - since_ > 60s) return "computed for a minute without reaching a choice point";
  return std::nullopt;
}

}  // namespace contend::explore
