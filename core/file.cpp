#include "core/file.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <climits>

namespace contend {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  /// Some file systems tell of a full disk only here. Returns errno or 0.
  int close() { return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno; }

 private:
  int number_;
};

/// Returns errno or 0.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// How much longer, in all, whoever reads is waited for.
class Patience {
 public:
  explicit Patience(std::chrono::nanoseconds left) : left_(left) {}

  /// Until `descriptor` takes more. Returns errno or 0.
  int wait(int descriptor) {
    do {
      const auto began = std::chrono::steady_clock::now();
      pollfd one{.fd = descriptor, .events = POLLOUT, .revents = 0};
      const auto most = std::chrono::ceil<std::chrono::milliseconds>(left_).count();
      const int ready = ::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(most, 0)));
      const int failed = ready < 0 ? errno : 0;
      left_ -= std::chrono::steady_clock::now() - began;
      if (ready > 0) return 0;
      if (failed != 0 && failed != EINTR) return failed;
    } while (left_.count() > 0);
    return ETIMEDOUT;
  }

 private:
  std::chrono::nanoseconds left_;
};

bool is_pipe(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode);
}

/// A pipe that has room takes PIPE_BUF bytes without blocking, whether or not its descriptor may
/// block. Returns errno or 0.
int write_patiently(int descriptor, std::string_view text, Patience patience) {
  const bool pipe = is_pipe(descriptor);
  while (!text.empty()) {
    const int waited = pipe ? patience.wait(descriptor) : 0;
    if (waited != 0) return waited;
    const std::size_t piece = pipe ? std::min<std::size_t>(text.size(), PIPE_BUF) : text.size();
    const ssize_t written = ::write(descriptor, text.data(), piece);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      if (const int failed = patience.wait(descriptor); failed != 0) return failed;
      continue;
    }
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// The descriptor of our own that `path` stands for: 1 for /dev/stdout.
std::optional<int> own_descriptor(std::string_view path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    int number = -1;
    const char* end = path.data() + path.size();
    const auto [rest, failed] = std::from_chars(path.data() + folder.size(), end, number);
    if (failed == std::errc{} && rest == end && number >= 0) return number;
  }
  return std::nullopt;
}

/// A link is special: /dev/stdout is one, even where it leads to a regular file, and a rename would
/// put that file's new text in place of the link.
bool is_special(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto status = std::filesystem::symlink_status(path, ignored);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

/// To open the path of a descriptor of ours would be to begin its file anew: what stands in it, put
/// there by whoever appends with >>, would be lost.
int open_in_place(const std::filesystem::path& path, bool may_block) {
  if (const auto own = own_descriptor(path.native())) {
    std::fflush(stdout);  // what we printed before comes before
    return ::fcntl(*own, F_DUPFD_CLOEXEC, 0);
  }
  std::error_code ignored;
  const bool regular = std::filesystem::is_regular_file(path, ignored);
  return ::open(path.c_str(),
                O_WRONLY | O_TRUNC | O_CLOEXEC | (regular || may_block ? 0 : O_NONBLOCK));
}

using Wait = std::optional<std::chrono::nanoseconds>;  // none: for ever

Expected<void> write_in_place(const std::filesystem::path& path, std::string_view text, Wait wait) {
  Descriptor file(open_in_place(path, !wait));
  int failed = file.number() < 0 ? errno
               : wait            ? write_patiently(file.number(), text, Patience(*wait))
                                 : write_all(file.number(), text);
  if (failed == 0) failed = file.close();
  if (failed != 0) return errno_error("writing " + path.string(), failed);
  return {};
}

Expected<void> write(const std::filesystem::path& path, std::string_view text, Wait wait) {
  const bool in_place = own_descriptor(path.native()) || is_special(path);
  if (in_place) return write_in_place(path, text, wait);
  std::string beside = path.string() + ".XXXXXX";
  Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
  if (file.number() < 0) return errno_error("writing " + path.string(), errno);
  int failed = write_all(file.number(), text);
  if (failed == 0 && ::fchmod(file.number(), 0644) != 0) failed = errno;
  if (failed == 0 && ::fsync(file.number()) != 0) failed = errno;
  if (const int closing = file.close(); failed == 0) failed = closing;
  if (failed == 0 && ::rename(beside.c_str(), path.c_str()) != 0) failed = errno;
  if (failed != 0) {
    ::unlink(beside.c_str());
    return errno_error("writing " + path.string(), failed);
  }
  return {};
}

}  // namespace

Expected<void> write_file(const std::filesystem::path& path, std::string_view text) {
  return write(path, text, std::nullopt);
}

Expected<void> write_file_within(std::chrono::nanoseconds patience,
                                 const std::filesystem::path& path, std::string_view text) {
  return write(path, text, patience);
}

Expected<void> check_writable(const std::filesystem::path& path) {
  if (is_special(path)) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
      return errno_error("writing " + path.string(), EISDIR);
    }
    if (::access(path.c_str(), W_OK) == 0) return {};
    return errno_error("writing " + path.string(), errno);
  }
  std::string beside = path.string() + ".XXXXXX";
  const Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
  if (file.number() < 0) return errno_error("writing " + path.string(), errno);
  ::unlink(beside.c_str());
  return {};
}

Expected<std::string> read_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return errno_error("reading " + path.string(), errno);
  std::string text;
  char buffer[65536];
  while (true) {
    const ssize_t got = ::read(file.number(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("reading " + path.string(), errno);
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

Expected<ScratchFolder> ScratchFolder::make() {
  std::error_code failed;
  const auto parent = std::filesystem::temp_directory_path(failed);
  if (failed) return world_error("finding the temporary folder: " + failed.message());
  std::string name = parent / "contend-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr)
    return errno_error("making a folder in " + parent.string(), errno);
  return ScratchFolder(name);
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace contend
