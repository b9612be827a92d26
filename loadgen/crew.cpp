#include "loadgen/crew.hpp"

#include <algorithm>
#include <csignal>
#include <deque>
#include <thread>
#include <utility>

#include "core/file.hpp"
#include "core/interrupt.hpp"
#include "core/process.hpp"
#include "core/report_json.hpp"
#include "core/units.hpp"

#include "loadgen/job.hpp"
#include "loadgen/tally.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

constexpr auto look_interval = 20ms;
// A part tells its figures a few times a second; a machine under heavy load may well take a few.
constexpr auto most_silent = 10s;
// To connect and to be ready.
constexpr auto most_unready = 120s;
// Beyond its drain, for a part that was told to stop.
constexpr auto grace = 5s;

std::string last_line(const std::filesystem::path& file) {
  const Expected<std::string> text = read_file(file);
  if (!text) return "";
  std::string_view left = *text;
  while (left.ends_with('\n')) left.remove_suffix(1);
  const std::size_t begin = left.rfind('\n');
  return std::string(begin == left.npos ? left : left.substr(begin + 1));
}

class Member {
 public:
  Member(const Plan& plan, Job job) : plan_(&plan), job_(std::move(job)) {}

  Expected<void> start() {
    std::error_code error;
    std::filesystem::create_directory(job_.folder, error);
    if (error) return world_error(job_.folder.string() + ": " + error.message());
    if (const auto saved = save(job_); !saved) return saved;
    std::vector<std::string> argv{std::filesystem::read_symlink("/proc/self/exe", error)};
    if (!plan_->program.empty()) argv[0] = plan_->program;
    argv.insert(argv.end(), plan_->arguments.begin(), plan_->arguments.end());
    argv.insert(argv.end(), {"--as", file_of(job_)});
    Expected<Child> child =
        Child::start({.argv = argv, .stdout_to = output(), .stderr_to = output()});
    if (!child) return child.error();
    child_.emplace(std::move(*child));
    heard_ = Clock::now();
    return {};
  }

  const Job& job() const { return job_; }
  bool running() const { return child_ && !exit_ && !lost_; }
  /// Lost, or it left a report that says why it could not go on: the others need not either.
  bool gave_up() const { return lost_ || (exit_ && exit_->code == exit_code(Verdict::errored)); }
  bool ready() const { return is_ready(job_); }

  void lose(const std::string& why) {
    if (!lost_) lost_ = LostShard{job_.shard.index, why};
    child_.reset();  // by force
  }

  /// Looks whether it has ended, and since when it has been silent.
  void look(bool started) {
    if (!running()) return;
    const auto now = Clock::now();
    const auto exit = child_->wait_until(now);
    listen(now);  // its last words too
    if (exit) return ended(*exit);
    const auto patience = started ? Clock::duration(most_silent) : Clock::duration(most_unready);
    if (now - heard_ > patience) {
      lose("hung: it said nothing for " + format_duration(patience));
    } else if (deadline_ && now > *deadline_) {
      lose("did not stop when asked to");
    }
  }

  /// What it has counted so far, once each time it tells.
  std::optional<std::string> figures() { return std::exchange(figures_, std::nullopt); }

  void began() { heard_ = Clock::now(); }

  void stop() {
    if (!running() || deadline_) return;
    child_->signal(SIGINT);
    deadline_ = Clock::now() + plan_->drain + grace;
  }

  void collect(Harvest& harvest) {
    if (lost_) return harvest.lost.push_back(*lost_);
    Expected<Report> report = load_report(report_of(job_));
    if (report) return harvest.reports.push_back(std::move(*report));
    harvest.lost.push_back({job_.shard.index, report.error().message});
  }

 private:
  std::filesystem::path output() const { return job_.folder / "output"; }

  void listen(Clock::time_point now) {
    std::error_code error;
    const auto told = std::filesystem::last_write_time(figures_of(job_), error);
    if (error || told == told_) return;
    told_ = told;
    heard_ = now;
    if (Expected<std::string> text = read_file(figures_of(job_))) figures_ = std::move(*text);
  }

  void ended(const Exit& exit) {
    exit_ = exit;
    std::error_code error;
    const bool left_report = std::filesystem::exists(report_of(job_), error);
    if (exit.code && left_report) return;
    const std::string words = last_line(output());
    lose(describe(exit) + (words.empty() ? "" : ", having said: " + words));
  }

  const Plan* plan_;
  Job job_;
  std::optional<Child> child_;
  std::optional<Exit> exit_;
  std::optional<LostShard> lost_;
  std::filesystem::file_time_type told_{};
  std::optional<std::string> figures_;
  Clock::time_point heard_{};
  std::optional<Clock::time_point> deadline_;
};

using Members = std::deque<Member>;

bool any_gave_up(const Members& members) {
  return std::ranges::any_of(members, &Member::gave_up);
}

void stop_all(Members& members) {
  for (Member& member : members) member.stop();
}

/// One round of looking. False once all have ended.
bool look(Members& members, bool started, const CrewCalls& calls) {
  for (Member& member : members) {
    member.look(started);
    if (auto seen = member.figures()) calls.saw(member.job().shard.index, std::move(*seen));
  }
  const bool go_on = calls.go_on(any_gave_up(members));
  if (!go_on || any_gave_up(members) || interrupted()) stop_all(members);
  std::this_thread::sleep_for(look_interval);
  return std::ranges::any_of(members, &Member::running);
}

Expected<void> start_together(Members& members, const CrewCalls& calls) {
  while (look(members, false, calls)) {
    if (!std::ranges::all_of(members, &Member::ready)) continue;
    const Expected<Nanoseconds> start = calls.agree_start();
    if (!start) return start.error();
    for (Member& member : members) {
      member.began();
      if (const auto told = tell_start(member.job(), *start); !told) return told;
    }
    return {};
  }
  return {};
}

}  // namespace

Expected<Harvest> run_crew(const Plan& plan, const Crew& crew, const CrewCalls& calls) {
  const Expected<ScratchFolder> folder = ScratchFolder::make();
  if (!folder) return folder.error();
  std::vector<std::string> targets;
  for (const Destination& each : plan.destinations) targets.push_back(to_string(each.target));
  Members members;
  for (std::uint32_t i = crew.first; i < crew.first + crew.count; ++i) {
    members.emplace_back(plan, Job{.folder = folder->path() / std::to_string(i),
                                   .shard = {i, crew.of},
                                   .seed = plan.seed,
                                   .targets = targets,
                                   .name = plan.name});
    if (const auto started = members.back().start(); !started) {
      members.back().lose("did not start: " + started.error().message);
      break;
    }
  }
  if (const auto started = start_together(members, calls); !started) return started.error();
  while (look(members, true, calls)) continue;
  Harvest harvest;
  for (Member& member : members) member.collect(harvest);
  return harvest;
}

}  // namespace contend::loadgen
