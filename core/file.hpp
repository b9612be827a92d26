// Whole files, read and written so that a full disk is an error and never a truncated file.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/expected.hpp"

namespace contend {

/// Writes beside `path`, syncs, then renames over it. A path that is no regular file (a pipe, a
/// link) is written in place; /dev/stdout, /dev/stderr and /dev/fd/N go on where that descriptor
/// stands.
/// Errors: the folder does not exist, no permission, no space; nothing is left behind then.
Expected<void> write_file(const std::filesystem::path& path, std::string_view text);

/// The same for a program that must go on, whoever reads. Errors, too: a pipe that nobody has
/// opened to read, or whose reader is waited for longer than `patience` in all.
Expected<void> write_file_within(std::chrono::nanoseconds patience,
                                 const std::filesystem::path& path, std::string_view text);

/// Says before a run whether its report could be written after it; leaves nothing behind.
Expected<void> check_writable(const std::filesystem::path& path);

/// Errors: does not exist, no permission, a folder.
Expected<std::string> read_file(const std::filesystem::path& path);

/// A fresh folder under the system's temporary folder, removed with all it holds.
class ScratchFolder {
 public:
  /// Errors: the temporary folder is not writable.
  static Expected<ScratchFolder> make();

  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) noexcept;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace contend
