#include "races/lens.hpp"

#include <algorithm>

namespace contend::races {

const std::vector<Lens>& lenses() {
  static const std::vector<Lens> all{
      {"native", "no instrumentation: count what goes wrong", look_natively},
      {"tsan", "under ThreadSanitizer: see where it goes wrong", look_under_tsan},
      {"explore", "under controlled schedules: find the one that fails", look_by_exploring},
  };
  return all;
}

std::string lens_names() {
  std::string names;
  for (const Lens& lens : lenses()) names += (names.empty() ? "" : ", ") + std::string(lens.name);
  return names;
}

const Lens* find_lens(std::string_view name) {
  const auto found =
      std::ranges::find_if(lenses(), [&](const Lens& lens) { return lens.name == name; });
  return found == lenses().end() ? nullptr : &*found;
}

}  // namespace contend::races
