#include "tests/ci/sample_reports.hpp"

namespace contend::ci {
namespace {

constexpr std::int64_t ms = 1'000'000;

Report base() {
  Report report;
  report.tool = "contend";
  report.version = "0.1.0";
  report.started_utc = "2026-11-23T10:15:30Z";
  report.elapsed_ns = 2345 * ms;
  report.host = {2, "Example CPU", "6.1.0", "g++ 12.2.0", "none", "Release", "abc1234"};
  return report;
}

Case load_case() {
  return {
      .id = "loadgen/coroutine/c100",
      .title = "100 clients against coroutine",
      .verdict = Verdict::passed,
      .reason = "all 10000 messages came back unchanged",
      .elapsed_ns = 812 * ms,
      .metrics = {{"messages_answered", 10000, "", Better::higher, {}, {}},
                  {"throughput_per_second", 12315.25, "messages/s", Better::higher, {}, {}},
                  {"errors_total", 0, "", Better::lower, 0, {}},
                  {"intended_p50_ns", 1'840'000, "ns", Better::lower, {}, {}},
                  {"intended_p99_ns", 4'210'000, "ns", Better::lower, 5'000'000, {}},
                  {"intended_p999_ns", {}, "ns", Better::lower, {}, "needs 36840 samples"}},
      .reproduce = "loadgen -c 100 -n 10000 --spawn 'echo-server --model coroutine --port {port}'",
      .artifacts = {"steps/load-coroutine.log"}};
}

Finding race() {
  return {"tsan.data-race",
          Level::note,
          "data race on n",
          {{{"add", "races/catalogue/lost_update.cpp", 21}, {"main", "races/main.cpp", 8}},
           {{"add", "races/catalogue/lost_update.cpp", 21}}},
          {"write of 4 bytes by thread T1", "previous write of 4 bytes by thread T2"},
          3,
          "4f1d2c"};
}

Case broken_experiment() {
  return {.id = "races/lost_update/plain/tsan",
          .title = "n += 1 by two threads",
          .source = Source{"races/catalogue/lost_update.cpp", 21},
          .expect = Expect::defect,
          .verdict = Verdict::passed,
          .reason = "ThreadSanitizer reported the race",
          .elapsed_ns = 120 * ms,
          .outcomes = {{"1", 12, Grade::forbidden, "an update was lost"},
                       {"2", 988, Grade::acceptable, "both updates arrived"}},
          .metrics = {{"trials", 1000, "", Better::neither, {}, {}},
                      {"lost_updates", 12, "", Better::neither, {}, {}}},
          .findings = {race()}};
}

Case judged(const char* id, Verdict verdict, const char* reason) {
  return {.id = id, .title = "a case", .verdict = verdict, .reason = reason, .elapsed_ns = 5 * ms};
}

}  // namespace

Report passing_report() {
  Report report = base();
  report.cases = {load_case(), broken_experiment()};
  return report;
}

Report mixed_report() {
  Report report = base();
  report.interrupted = true;
  Case failed = broken_experiment();
  failed.id = "races/lost_update/mutex/tsan";
  failed.expect = Expect::clean;
  failed.verdict = Verdict::failed;
  failed.reason = "ThreadSanitizer reported 1 race in a variant that has none";
  failed.findings[0].level = Level::error;
  report.cases = {
      load_case(), failed,
      judged("loadgen/thread/c100", Verdict::inconclusive, "the generator was the limit"),
      judged("loadgen/uring/c100", Verdict::skipped, "this kernel has no io_uring"),
      judged("contend/load-pool", Verdict::errored,
             "the step was ended by signal 11 (Segmentation fault); it printed nothing")};
  return report;
}

Report empty_report() {
  return base();
}

Report hostile_report() {
  const std::string evil =
      "</script><script>alert(1)</script> \"'>&amp; ]]> \x01\x1b[31m \xff\xfe | `tick` ```fence``` "
      "[a](javascript:b) @everyone %0A::error::x \xEF\xBF\xBF \xE2\x80\xAE";
  Report report = base();
  report.host.model = evil;
  Case each = load_case();
  each.id = "loadgen/" + evil;
  each.title = evil;
  each.verdict = Verdict::failed;
  each.reason = evil;
  each.source = Source{evil, 1};
  each.outcomes = {{evil, 1, Grade::unknown, evil}};
  each.metrics.push_back({evil, {}, evil, Better::lower, {}, evil});
  each.findings = {{evil, Level::error, evil, {{{"<script>", evil, 1}}}, {evil}, 1, "f" + evil}};
  each.reproduce = evil;
  each.artifacts = {evil};
  report.cases = {each};
  return report;
}

}  // namespace contend::ci
