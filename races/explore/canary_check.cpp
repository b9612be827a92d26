#include "races/explore/canary_check.hpp"

#include "races/explore/judge.hpp"
#include "races/explore/learner.hpp"

namespace contend::explore {
namespace {

constexpr int tries = 64;

struct Seen {
  bool lost = false;
  bool raced = false;
};

Expected<Seen> sing(Target& target, Canary canary) {
  Learner learner;
  Seen seen;
  for (int i = 0; i < tries && !(seen.lost && seen.raced); ++i) {
    Instruction told;
    told.canary = canary;
    told.seed = static_cast<std::uint64_t>(i);
    const Expected<Execution> execution = target.run(told, {});
    if (!execution) return execution.error();
    seen.lost = seen.lost || judge(*execution, "").has_value();
    seen.raced = seen.raced || !execution->races.empty();
    if (learner.learn(*execution, target.base())) {
      const std::vector<std::uint64_t> places(learner.racy().begin(), learner.racy().end());
      target.set_racy(places);
    }
  }
  target.set_racy({});
  return seen;
}

}  // namespace

Expected<std::optional<std::string>> check_canary(Target& target) {
  const Expected<Seen> broken = sing(target, Canary::broken);
  if (!broken) return broken.error();
  if (!broken->lost)
    return std::optional<std::string>("the canary failed: its lost update was not found");
  if (!broken->raced)
    return std::optional<std::string>("the canary failed: its data race was not found");
  const Expected<Seen> sound = sing(target, Canary::sound);
  if (!sound) return sound.error();
  if (sound->lost || sound->raced) {
    return std::optional<std::string>("the canary failed: its locked counter was accused");
  }
  return std::optional<std::string>();
}

}  // namespace contend::explore
