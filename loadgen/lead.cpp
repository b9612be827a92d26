#include "loadgen/lead.hpp"

#include <algorithm>
#include <sys/resource.h>
#include <thread>

#include <fmt/format.h>

#include "core/command_line.hpp"
#include "core/interrupt.hpp"
#include "core/report_json.hpp"

#include "loadgen/crew.hpp"
#include "loadgen/program.hpp"
#include "loadgen/progress.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// The first byte of a message says what it is.
constexpr char beat = 'b';        // once a second: I am here
constexpr char figures = 'p';     // likewise, and give your figures to the next reduce()
constexpr char ready = 'r';       // my clients are connected
constexpr char start_at = 't';    // and the time, on the clock of rank 0
constexpr char in_trouble = 'f';  // my part is lost
constexpr char stop = 's';        // stop and report
constexpr char result = 'h';      // and my processor seconds, a newline, my report
constexpr char no_result = 'l';   // and why
constexpr char exit_with = 'x';   // and the code

constexpr auto beat_interval = 1s;
constexpr auto longest_silence = 10s;
constexpr auto message_look_interval = 10ms;
constexpr auto ranks_start_lead = 300ms;
// For the results, when all are over or were told to stop; mpirun itself gives a second once it
// ends a job, and the report is to be written within that.
constexpr auto result_patience = 20s;
constexpr auto hurried_patience = 500ms;

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

Nanoseconds now_since_epoch() {
  return std::chrono::system_clock::now().time_since_epoch();
}

/// What a part has told; nothing where it has not yet.
std::vector<std::uint64_t> numbers_of(const std::string& told) {
  return to_numbers(snapshot_from(told).value_or(Snapshot{}));
}

/// One of the others, as rank 0 knows it.
struct Peer {
  Clock::time_point heard = Clock::now();
  bool ready = false;
  bool over = false;  // its result, or the lack of it, is known
};

class Leader {
 public:
  Leader(const Plan& plan, const ClockAgreement& clocks, Coordination& all)
      : plan_(&plan), clocks_(clocks), all_(&all), peers_(all.size()) {
    peers_[0].over = peers_[0].ready = true;
  }

  Expected<Harvest> run(std::FILE* stream) {
    display_.emplace(*plan_, stream);
    const CrewCalls calls{
        .agree_start = [this] { return agree_start(); },
        .go_on =
            [this](bool lost) {
              look();
              if (lost) trouble();
              return !trouble_;
            },
        .saw = [this](std::uint32_t, std::string told) { figures_ = std::move(told); }};
    Expected<Harvest> mine = run_crew(*plan_, {.first = 0, .count = 1, .of = all_->size()}, calls);
    // Where the start failed, whoever made it fail has said why.
    if (mine) {
      harvest_.reports.insert(harvest_.reports.end(), mine->reports.begin(), mine->reports.end());
      harvest_.lost.insert(harvest_.lost.begin(), mine->lost.begin(), mine->lost.end());
    } else {
      harvest_.lost.push_back({0, mine.error().message});
    }
    if (trouble_ || interrupted()) tell_all(std::string(1, stop));
    await_results();
    if (!abandoned_ && !interrupted()) add_last_figures();
    display_.reset();
    add_metrics();
    return std::move(harvest_);
  }

  /// Some rank will never end by itself.
  bool abandoned() const { return abandoned_; }

 private:
  void tell_all(const std::string& text) {
    for (std::uint32_t i = 1; i < all_->size(); ++i) all_->send(i, text);
  }

  void trouble() {
    if (std::exchange(trouble_, true)) return;
    tell_all(std::string(1, stop));
  }

  void lose(std::uint32_t rank, const std::string& why) {
    peers_[rank].over = true;
    harvest_.lost.push_back({rank, why});
    trouble();
  }

  void take(const RankMessage& message) {
    Peer& peer = peers_[message.from];
    peer.heard = Clock::now();
    const std::string rest = message.text.substr(1);
    switch (message.text.front()) {
      case ready:
        peer.ready = true;
        break;
      case in_trouble:
        trouble();
        break;
      case no_result:
        lose(message.from, rest);
        break;
      case result: {
        const Expected<Report> report = report_from_json(rest.substr(rest.find('\n') + 1));
        if (!report) return lose(message.from, "left a broken report: " + report.error().message);
        cpu_seconds_ += std::strtod(rest.c_str(), nullptr);
        peer.over = true;
        harvest_.reports.push_back(*report);
        break;
      }
      default:
        break;
    }
  }

  /// Takes what has come, and once a second shows that we are here.
  void look() {
    while (const auto message = all_->receive()) take(*message);
    if (const auto sums = all_->reduced()) {
      adding_ = false;
      if (display_->is_seen()) display_->show(snapshot_from(*sums));
    }
    const auto now = Clock::now();
    if (!interrupted_at_ && interrupted()) interrupted_at_ = now;
    if (now - last_beat_ >= beat_interval) {
      last_beat_ = now;
      // Where one rank is slow, the figures of all come later, and beats in between.
      if (adding_) {
        tell_all(std::string(1, beat));
      } else {
        add_figures();
      }
    }
    for (std::uint32_t i = 1; i < peers_.size(); ++i) {
      if (peers_[i].over || now - peers_[i].heard <= longest_silence) continue;
      abandoned_ = true;
      lose(i, "hung: nothing was heard of it for " + format_duration(longest_silence));
    }
  }

  void add_figures() {
    adding_ = true;
    tell_all(std::string(1, figures));
    all_->reduce(numbers_of(figures_));
  }

  /// So that the last line shown is of the whole run.
  void add_last_figures() {
    const auto deadline = Clock::now() + result_patience;
    const auto wait = [&] {
      while (adding_ && Clock::now() < deadline) {
        look();
        std::this_thread::sleep_for(message_look_interval);
      }
    };
    wait();
    if (adding_) return;
    last_beat_ = Clock::now();
    add_figures();
    wait();
  }

  Expected<Nanoseconds> agree_start() {
    while (!trouble_ && !interrupted()) {
      look();
      if (std::ranges::all_of(peers_, &Peer::ready)) {
        const Nanoseconds start = now_since_epoch() + ranks_start_lead;
        tell_all(start_at + std::to_string(start.count()));
        return start;
      }
      std::this_thread::sleep_for(message_look_interval);
    }
    return world_error("was stopped before the start");
  }

  void await_results() {
    const auto begun = Clock::now();
    while (!std::ranges::all_of(peers_, &Peer::over)) {
      look();
      const auto now = Clock::now();
      // mpirun's second runs from its signal, of which our own part has used some to end.
      if (interrupted_at_ && now - *interrupted_at_ > hurried_patience) break;
      // A part of a number of messages may well take longer than ours, and says so by its beats.
      if (trouble_ && now - begun > result_patience + plan_->drain) break;
      std::this_thread::sleep_for(message_look_interval);
    }
    for (std::uint32_t i = 1; i < peers_.size(); ++i) {
      if (peers_[i].over) continue;
      abandoned_ = true;
      lose(i, "was ended, or left no report in time");
    }
  }

  void add_metrics() {
    const auto add = [&](const char* name, double value, const char* unit) {
      harvest_.metrics.push_back({.name = name, .value = value, .unit = unit});
    };
    add("clock_offset_max_ns", static_cast<double>(clocks_.worst_offset.count()), "ns");
    add("clock_bound_ns", static_cast<double>(clocks_.worst_bound.count()), "ns");
    add("coordination_cpu_seconds", cpu_seconds_ + cpu_seconds(), "s");
  }

  const Plan* plan_;
  ClockAgreement clocks_;
  Coordination* all_;
  std::vector<Peer> peers_;
  Harvest harvest_;
  std::optional<Display> display_;
  std::string figures_;  // of our own part
  bool adding_ = false;  // figures, from all ranks
  double cpu_seconds_ = 0;
  Clock::time_point last_beat_{};
  std::optional<Clock::time_point> interrupted_at_;
  bool trouble_ = false;
  bool abandoned_ = false;
};

class Follower {
 public:
  Follower(const Plan& plan, const ClockAgreement& clocks, Coordination& all)
      : plan_(&plan), clocks_(clocks), all_(&all) {}

  int run() {
    const CrewCalls calls{
        .agree_start = [this] { return agree_start(); },
        .go_on =
            [this](bool lost) {
              if (lost && !std::exchange(told_, true)) {
                all_->send(0, std::string(1, in_trouble));
              }
              look();
              return !stopped_;
            },
        .saw = [this](std::uint32_t, std::string told) { figures_ = std::move(told); }};
    const Expected<Harvest> mine =
        run_crew(*plan_, {.first = all_->rank(), .count = 1, .of = all_->size()}, calls);
    all_->send(0, text_of(mine));
    while (!code_) {
      look();
      std::this_thread::sleep_for(message_look_interval);
    }
    return *code_;
  }

 private:
  static std::string text_of(const Expected<Harvest>& mine) {
    if (!mine) return no_result + mine.error().message;
    if (!mine->lost.empty()) return no_result + mine->lost.front().why;
    return fmt::format("{}{}\n{}", result, cpu_seconds(), to_json(mine->reports.front()));
  }

  void look() {
    (void)all_->reduced();
    while (const auto message = all_->receive()) {
      heard_ = Clock::now();
      const std::string rest = message->text.substr(1);
      switch (message->text.front()) {
        case start_at:
          start_ = Nanoseconds(std::strtoll(rest.c_str(), nullptr, 10));
          break;
        case figures:
          all_->reduce(numbers_of(figures_));
          break;
        case stop:
          stopped_ = true;
          break;
        case exit_with:
          code_ = std::atoi(rest.c_str());
          break;
        default:
          break;
      }
    }
    const auto now = Clock::now();
    if (now - last_beat_ >= beat_interval) {
      last_beat_ = now;
      all_->send(0, std::string(1, beat));
    }
    // Rank 0 waits for the slowest of us: twice its own patience.
    if (!code_ && now - heard_ > 2 * (longest_silence + result_patience)) code_ = 3;
    stopped_ |= code_.has_value();
  }

  Expected<Nanoseconds> agree_start() {
    all_->send(0, std::string(1, ready));
    while (!stopped_ && !interrupted()) {
      look();
      if (start_) return *start_ + clocks_.offset;
      std::this_thread::sleep_for(message_look_interval);
    }
    return world_error("was stopped before the start");
  }

  const Plan* plan_;
  ClockAgreement clocks_;
  Coordination* all_;
  std::string figures_;  // of our own part
  std::optional<Nanoseconds> start_;
  std::optional<int> code_;
  Clock::time_point heard_ = Clock::now();
  Clock::time_point last_beat_{};
  bool stopped_ = false;
  bool told_ = false;
};

}  // namespace

Expected<int> lead(const Plan& plan, const ClockAgreement& clocks, Coordination& all) {
  Leader leader(plan, clocks, all);
  const Expected<int> code =
      carry_out(plan, [&leader](std::FILE* stream) { return leader.run(stream); });
  const int number = code ? *code : exit_code(code.error().kind);
  for (std::uint32_t i = 1; i < all.size(); ++i) all.send(i, exit_with + std::to_string(number));
  if (leader.abandoned()) {
    if (!code) report_error("loadgen", code.error());
    all.abort(number);
  }
  return code;
}

Expected<int> follow(const Plan& plan, const ClockAgreement& clocks, Coordination& all) {
  return Follower(plan, clocks, all).run();
}

}  // namespace contend::loadgen
