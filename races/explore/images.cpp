#include "races/explore/images.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "core/file.hpp"

namespace contend::explore {
namespace {

bool is_instrumented(const Image& image) {
  const Expected<std::string> bytes = read_file(image.path);
  return bytes && bytes->find("__tsan_func_entry") != std::string::npos;
}

}  // namespace

// Lines of /proc/PID/maps: "begin-end rights offset device inode path".
std::vector<Image> instrumented_libraries(pid_t process) {
  std::vector<Image> images;
  std::ifstream maps(fmt::format("/proc/{}/maps", process));
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    Image part;
    char dash = 0;
    std::string rights, offset, device, inode;
    words >> std::hex >> part.begin >> dash >> part.end >> rights >> offset >> device >> inode;
    std::getline(words >> std::ws, part.path);
    const std::string name = std::filesystem::path(part.path).filename().string();
    if (!words || name.find(".so") == std::string::npos) continue;
    part.shift = part.begin;
    if (!images.empty() && images.back().path == part.path) {
      images.back().end = part.end;
    } else {
      images.push_back(std::move(part));
    }
  }
  std::erase_if(images, [](const Image& image) { return !is_instrumented(image); });
  return images;
}

}  // namespace contend::explore
