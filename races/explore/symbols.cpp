#include "races/explore/symbols.hpp"

#include <charconv>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/sanitizer_fingerprint.hpp"

namespace contend::explore {
namespace {

constexpr std::uint64_t largest_image = 1ULL << 32U;
constexpr std::size_t most_looked_up = 2000;

bool is_relocated(const std::string& program) {
  Elf64_Ehdr header{};
  std::ifstream file(program, std::ios::binary);
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  return header.e_type == ET_DYN;
}

// However it was compiled, and a line of it known or not.
bool is_runtime(const Frame& frame) {
  return frame.file.find("races/explore/runtime/") != std::string::npos ||
         frame.function.starts_with("contend::explore::");
}

Frame to_frame(const std::string& function, const std::string& place) {
  Frame frame{.function = function == "??" ? "" : function, .file = "", .line = 0};
  const std::size_t colon = place.rfind(':');
  if (colon == std::string::npos || place.starts_with("??")) return frame;
  std::error_code none;
  const std::filesystem::path path(place.substr(0, colon));
  const auto near = std::filesystem::proximate(path, none);
  frame.file = none || near.string().starts_with("..") ? path.string() : near.string();
  std::from_chars(place.data() + colon + 1, place.data() + place.size(), frame.line);
  return frame;
}

}  // namespace

Symbols::Symbols(std::string program, std::uint64_t base, std::vector<Image> libraries)
    : images_(std::move(libraries)) {
  const std::uint64_t shift = is_relocated(program) ? base : 0;
  images_.push_back({std::move(program), base, base + largest_image, shift});
}

void Symbols::load(const std::vector<std::uint64_t>& counters) {
  for (const Image& image : images_) {
    std::set<std::uint64_t> wanted;
    for (const std::uint64_t counter : counters) {
      const bool inside = counter > image.begin && counter < image.end;
      if (inside && !known_.contains(counter)) wanted.insert(counter);
      if (wanted.size() == most_looked_up) break;
    }
    if (!wanted.empty()) load(image, wanted);
  }
}

// addr2line -a prints the address, then pairs of lines: function, file:line.
void Symbols::load(const Image& image, const std::set<std::uint64_t>& wanted) {
  Command command{.argv = {"addr2line", "-a", "-f", "-i", "-C", "-e", image.path}};
  // A return address belongs to the line after the call now and then; one less never does.
  const std::uint64_t shift = image.shift + 1;
  for (const std::uint64_t counter : wanted)
    command.argv.push_back(fmt::format("{:#x}", counter - shift));
  const Expected<ScratchFolder> folder = ScratchFolder::make();
  if (!folder) return;
  command.stdout_to = folder->path() / "out";
  const Expected<Exit> ended = run(command, std::chrono::seconds(60));
  const Expected<std::string> text = read_file(command.stdout_to);
  if (!ended || !text) return;
  std::istringstream lines(*text);
  std::vector<Frame>* frames = nullptr;
  for (std::string line, place; std::getline(lines, line);) {
    if (line.starts_with("0x")) {
      frames = &known_[std::stoull(line, nullptr, 16) + shift];
    } else if (frames != nullptr && std::getline(lines, place)) {
      frames->push_back(to_frame(line, place));
    }
  }
}

std::vector<Frame> Symbols::frames(const Stack& stack) {
  load({stack.pc, stack.pc + stack.count});
  std::vector<Frame> all;
  for (std::uint32_t i = 0; i < stack.count; ++i) {
    const auto found = known_.find(stack.pc[i]);
    if (found == known_.end() || found->second.empty()) continue;
    if (is_runtime(found->second.back())) continue;
    all.insert(all.end(), found->second.begin(), found->second.end());
  }
  return all;
}

Frame Symbols::frame(std::uint64_t counter) {
  load({counter});
  const auto found = known_.find(counter);
  if (found == known_.end() || found->second.empty() || is_runtime(found->second.back())) return {};
  const Frame* own = user_frame(found->second);
  return own == nullptr ? found->second.front() : *own;
}

}  // namespace contend::explore
