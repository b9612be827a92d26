#include "ci/render/sources.hpp"

#include <algorithm>
#include <sstream>

#include "core/file.hpp"

namespace contend::ci {
namespace {

constexpr std::uintmax_t largest_source = 4'000'000;  // more is no source file

bool is_below(const std::filesystem::path& file) {
  return !file.empty() && file.is_relative() && std::ranges::find(file, "..") == file.end();
}

}  // namespace

const std::string* Sources::line(const std::string& file, std::int64_t number) {
  const std::vector<std::string>& all = lines(file);
  const auto index = static_cast<std::size_t>(number - 1);
  return number >= 1 && index < all.size() ? &all[index] : nullptr;
}

const std::vector<std::string>& Sources::lines(const std::string& file) {
  const auto [entry, is_new] = read_.try_emplace(file);
  const std::filesystem::path path = root_ / file;
  std::error_code failed;
  if (!is_new || !is_below(file) || !std::filesystem::is_regular_file(path, failed) ||
      std::filesystem::file_size(path, failed) > largest_source || failed) {
    return entry->second;
  }
  const Expected<std::string> text = read_file(path);
  std::istringstream stream(text ? *text : "");
  for (std::string each; std::getline(stream, each);) entry->second.push_back(each);
  return entry->second;
}

}  // namespace contend::ci
