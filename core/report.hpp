// The report: one model that every program writes and every renderer reads. Plain values; what can
// be computed from them (totals, the overall verdict, quantiles) is computed, not stored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "core/verdict.hpp"

namespace contend {

inline constexpr std::string_view report_schema = "contend.report/1";

enum class Grade { acceptable, interesting, forbidden, unknown };
enum class Better { lower, higher, neither };
enum class Expect { clean, defect };
enum class Level { note, warning, error };

const char* to_string(Grade grade);

/// One way an experiment can end, and how often it did.
struct Outcome {
  std::string seen;
  std::int64_t count = 0;
  Grade grade = Grade::unknown;
  std::string why;

  bool operator==(const Outcome&) const = default;
};

/// One number. Integers (counts, nanoseconds, bytes) are exact up to 2^53.
struct Metric {
  std::string name;             ///< stable; ends in its unit where it has one: intended_p99_ns
  std::optional<double> value;  ///< none where the data cannot carry the number; `why` then says so
  std::string unit;             ///< ns, bytes, messages/s, … or empty for a count
  Better better = Better::neither;
  std::optional<double> limit;
  std::optional<std::string> why;

  bool operator==(const Metric&) const = default;
};

/// A latency distribution. `hdr` merges exactly; quantiles are derived from it.
struct Distribution {
  std::string name;
  std::string unit;
  std::int64_t count = 0;
  std::int64_t min = 0;
  std::int64_t max = 0;
  double mean = 0;
  std::string hdr;  ///< HdrHistogram V2, zlib, base64; see core/histogram_codec.hpp

  bool operator==(const Distribution&) const = default;
};

struct Point {
  double t = 0;  ///< seconds since the run began; a rate, in a series "by_rate_…"
  double value = 0;

  bool operator==(const Point&) const = default;
};

struct Series {
  std::string name;
  std::string unit;
  std::vector<Point> points;

  bool operator==(const Series&) const = default;
};

struct Frame {
  std::string function;
  std::string file;  ///< relative to the source root where it lies under it
  std::int64_t line = 0;

  bool operator==(const Frame&) const = default;
};

/// A defect somebody found: a sanitizer, the explorer, or the byte verifier.
struct Finding {
  std::string rule;  ///< "tsan.data-race", "loadgen.corrupt"
  Level level = Level::error;
  std::string message;
  std::vector<std::vector<Frame>> stacks;
  std::vector<std::string> labels;  ///< one a stack: "write of 4 bytes by thread T1"
  std::int64_t count = 1;           ///< how often it was reported; equal ones are folded
  std::string fingerprint;          ///< survives unrelated edits and another compiler

  bool operator==(const Finding&) const = default;
};

/// One step of a schedule, in the order in which they happened.
struct LaneStep {
  std::int64_t lane = 0;  ///< the thread that did it, from 0; -1: a remark on the whole
  std::string what;       ///< "locks"
  std::string file;       ///< empty where unknown
  std::int64_t line = 0;
  std::string code;       ///< the text of that line, where it could be read
  bool switched = false;  ///< a thread that could go on was interrupted for it

  bool operator==(const LaneStep&) const = default;
};

struct Source {
  std::string file;
  std::int64_t line = 0;

  bool operator==(const Source&) const = default;
};

struct Case {
  std::string id;  ///< a path: room/subject/variant, "loadgen/coroutine/c100"
  std::string title;
  std::optional<Source> source;
  Expect expect = Expect::clean;
  Verdict verdict = Verdict::inconclusive;
  std::string reason;  ///< one sentence a student understands
  std::int64_t elapsed_ns = 0;
  std::vector<Outcome> outcomes;
  std::vector<Metric> metrics;
  std::vector<Distribution> distributions;
  std::vector<Series> series;
  std::vector<Finding> findings;
  std::vector<LaneStep> lanes;         ///< the schedule that failed, if one did
  std::string reproduce;               ///< the command that runs this case again
  std::vector<std::string> artifacts;  ///< files beside the report

  bool operator==(const Case&) const = default;
};

struct Host {
  std::int64_t cpus = 0;
  std::string model;
  std::string kernel;
  std::string compiler;
  std::string sanitizer;
  std::string build_type;
  std::string revision;

  bool operator==(const Host&) const = default;
};

struct Report {
  std::string schema{report_schema};
  std::string tool;
  std::string version;
  std::string started_utc;
  std::int64_t elapsed_ns = 0;
  bool interrupted = false;
  Host host;
  boost::json::object plan;  ///< every default resolved, the seed chosen
  std::vector<Case> cases;

  bool operator==(const Report&) const = default;
};

/// The worst verdict of all cases; an empty report is inconclusive.
Verdict overall(const Report& report);

/// What the program that made the report exits with: 130 if interrupted, else by overall().
int exit_code(const Report& report);

const Metric* find_metric(const Case& in, std::string_view name);

}  // namespace contend
