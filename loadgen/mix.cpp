#include "loadgen/mix.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "core/units.hpp"

namespace contend::loadgen {
namespace {

constexpr std::array<std::string_view, all_behaviours.size()> names{
    "normal", "slow-reader", "dribble", "fragments", "half-close",
    "reset",  "idle",        "churn",   "storm",     "big"};

Expected<MixPart> parse_part(std::string_view text) {
  const auto equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    return usage_error(fmt::format("\"{}\" is none of {}", name, fmt::join(names, ", ")));
  }
  if (equals == std::string_view::npos) {
    return usage_error(fmt::format("\"{}\" has no weight, as in {}=1", text, name));
  }
  const Expected<std::uint64_t> weight = parse_count(text.substr(equals + 1));
  if (!weight) return weight.error();
  if (*weight == 0 || *weight > 1'000'000) {
    return usage_error(fmt::format("\"{}\" is not a weight between 1 and 1000000", text));
  }
  return MixPart{all_behaviours[static_cast<std::size_t>(found - names.begin())], *weight};
}

}  // namespace

std::string_view name_of(Behaviour behaviour) {
  return names[static_cast<std::size_t>(behaviour)];
}

Expected<std::vector<MixPart>> parse_mix(std::string_view text) {
  std::vector<MixPart> mix;
  while (true) {
    const auto comma = text.find(',');
    const Expected<MixPart> part = parse_part(text.substr(0, comma));
    if (!part) return part.error();
    if (std::ranges::find(mix, part->behaviour, &MixPart::behaviour) != mix.end()) {
      return usage_error(fmt::format("\"{}\" is there twice", name_of(part->behaviour)));
    }
    mix.push_back(*part);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (std::ranges::find(mix, Behaviour::normal, &MixPart::behaviour) == mix.end()) {
    return usage_error("\"normal\" is missing: without good clients nobody can be hurt");
  }
  return mix;
}

Expected<std::vector<std::uint32_t>> divide(std::uint32_t clients,
                                            const std::vector<MixPart>& mix) {
  const auto total =
      std::accumulate(mix.begin(), mix.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const MixPart& part) { return sum + part.weight; });
  if (clients < mix.size()) {
    return usage_error(
        fmt::format("--mix: {} kinds need more than {} clients", mix.size(), clients));
  }
  std::vector<std::uint32_t> counts;
  std::uint32_t rest = clients;
  std::size_t normal = 0;
  for (const MixPart& part : mix) {
    const auto exact = static_cast<std::uint32_t>(clients * part.weight / total);
    if (part.behaviour == Behaviour::normal) normal = counts.size();
    counts.push_back(part.behaviour == Behaviour::normal ? 0 : std::max(exact, 1U));
    if (counts.back() >= rest) {
      return usage_error(fmt::format("--mix: of {} clients none is left to be normal", clients));
    }
    rest -= counts.back();
  }
  counts[normal] = rest;
  return counts;
}

}  // namespace contend::loadgen
