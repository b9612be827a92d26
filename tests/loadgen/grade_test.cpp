#include "loadgen/grade.hpp"

#include <csignal>

#include <gtest/gtest.h>

#include "loadgen/metrics.hpp"
#include "loadgen/self_check.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

Plan some_plan() {
  Plan plan;
  plan.name = "server";
  plan.destinations = {{{Target::Kind::tcp, "127.0.0.1", 80}, {}}};
  plan.connections = 2;
  plan.threads = 1;
  plan.drain = 1s;
  return plan;
}

/// A run in which `answered` messages took `latency` each.
Run some_run(std::uint64_t answered, Nanoseconds latency = 1ms) {
  Run run;
  run.elapsed = latency * static_cast<std::int64_t>(answered);
  run.tally.planned = run.tally.sent = run.tally.answered = answered;
  run.tally.connections = 2;
  run.tally.service.record(latency.count(), answered);
  run.tally.intended.record(latency.count(), answered);
  run.tally.first_answers = {{0, true, 1ms}, {1, true, 2ms}};
  return run;
}

TEST(Grade, a_clean_run_passes) {
  EXPECT_EQ(grade(some_plan(), some_run(100), {}).verdict, Verdict::passed);
}

TEST(Grade, nothing_answered_is_never_green) {
  EXPECT_EQ(grade(some_plan(), some_run(0), {}).verdict, Verdict::inconclusive);
}

TEST(Grade, ports_that_we_lack_are_no_fault_of_the_server) {
  auto run = some_run(100);
  run.tally.errors[Cause::local_exhausted] = 1;
  EXPECT_EQ(grade(some_plan(), run, {}).verdict, Verdict::errored);
}

TEST(Grade, clients_that_were_never_connected_are_not_passed_over) {
  auto run = some_run(100);
  run.tally.unconnected = 1;
  const Case judged = grade(some_plan(), run, {});
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_EQ(judged.reason,
            "1 of 2 clients were not connected when it ended: it was too short for so many");
  run.interrupted = true;  // then it was not ours to decide how long it took
  EXPECT_EQ(grade(some_plan(), run, {}).verdict, Verdict::passed);
}

TEST(Grade, a_message_without_answer_fails) {
  auto run = some_run(100);
  run.tally.unfinished = 1;
  ++run.tally.sent;
  ++run.tally.planned;
  EXPECT_EQ(grade(some_plan(), run, {}).verdict, Verdict::failed);
}

TEST(Grade, a_lost_count_is_an_error_of_ours) {
  auto run = some_run(100);
  ++run.tally.sent;
  EXPECT_EQ(grade(some_plan(), run, {}).verdict, Verdict::errored);
}

TEST(Grade, latencies_that_break_littles_law_are_an_error_of_ours) {
  auto run = some_run(100);
  EXPECT_EQ(grade(some_plan(), run, {}).verdict, Verdict::passed) << "one in flight on average";
  EXPECT_DOUBLE_EQ(mean_in_flight(run), 1);
  run.elapsed /= 3;  // three on average, by two clients
  const Case graded = grade(some_plan(), run, {});
  EXPECT_EQ(graded.verdict, Verdict::errored);
  EXPECT_NE(graded.reason.find("in flight"), std::string::npos) << graded.reason;
}

TEST(Grade, a_late_generator_is_inconclusive_and_a_punctual_one_is_not) {
  Plan plan = some_plan();
  plan.rate = 1000;
  auto run = some_run(1000, 10ms);
  run.tally.lag.record(2'000'000, 1000);
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::passed) << "2 ms late in 10 ms";
  run.tally.lag.record(8'000'000, 1000);
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::inconclusive) << "8 ms late in 10 ms";
}

TEST(Grade, a_busy_generator_is_inconclusive_in_an_open_loop_only) {
  Plan plan = some_plan();
  auto run = some_run(1000);
  run.tally.busiest_thread = 0.99;
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::passed);
  plan.rate = 1000;
  run.tally.lag.record(1000, 1000);
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::inconclusive);
  plan.pacing = Pacing::spin;
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::inconclusive);
  run.tally.busiest_thread = 0.7;
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::passed);
}

TEST(Grade, a_generator_that_had_no_core_for_a_quarter_of_the_time_is_inconclusive) {
  Plan plan = some_plan();
  plan.rate = 1000;
  auto run = some_run(1000);
  run.tally.lag.record(1000, 1000);
  run.tally.longest_wait_for_core = 0.2;
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::passed);
  run.tally.longest_wait_for_core = 0.3;
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::inconclusive);
}

TEST(Grade, a_failed_assertion_fails_unless_the_generator_was_at_its_limit) {
  Plan plan = some_plan();
  plan.assertions = {*parse_assertion("p50<1us")};
  auto run = some_run(1000);
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::failed);
  run.tally.busiest_thread = 0.99;
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::inconclusive);
  plan.assertions = {*parse_assertion("p50<1s")};
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::passed);
  plan.assertions = {*parse_assertion("messages_answered>1000")};
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::failed) << "there were to be a thousand";
  plan.duration = 1s;
  EXPECT_EQ(grade(plan, run, {}).verdict, Verdict::inconclusive) << "more by one with more time";
}

TEST(Grade, an_assertion_on_too_few_samples_is_inconclusive) {
  Plan plan = some_plan();
  plan.assertions = {*parse_assertion("p99.9<1s")};
  EXPECT_EQ(grade(plan, some_run(300), {}).verdict, Verdict::inconclusive);
  EXPECT_EQ(grade(plan, some_run(5666), {}).verdict, Verdict::passed);
}

TEST(Grade, a_servers_end_counts) {
  const auto verdict = [](const ServerEnd& end) {
    return grade(some_plan(), some_run(100), end).verdict;
  };
  const auto exited = [](int code) {
    ServerEnd end;
    end.exit.code = code;
    return end;
  };
  EXPECT_EQ(verdict(exited(0)), Verdict::passed);
  EXPECT_EQ(verdict(exited(143)), Verdict::passed);
  EXPECT_EQ(verdict(exited(66)), Verdict::errored) << "a sanitizer's exit code without a report";
  ServerEnd racy = exited(66);
  racy.sanitizer.findings.push_back({.rule = "tsan.data-race"});
  EXPECT_EQ(verdict(racy), Verdict::failed);
  ServerEnd broken = exited(66);
  broken.sanitizer.broken = "the runtime died";
  EXPECT_EQ(verdict(broken), Verdict::errored);
  ServerEnd crashed;
  crashed.exit.signal = SIGSEGV;
  EXPECT_EQ(verdict(crashed), Verdict::failed);
  ServerEnd gone = exited(0);
  gone.died = true;
  EXPECT_EQ(verdict(gone), Verdict::failed);
}

TEST(Metrics, a_quantile_needs_the_samples_for_its_interval) {
  EXPECT_EQ(samples_needed(0.5), 12U);
  EXPECT_EQ(samples_needed(0.99), 567U);
  EXPECT_EQ(samples_needed(0.999), 5666U);
}

TEST(Metrics, a_quantile_without_samples_says_how_many_it_needs) {
  const auto run = some_run(100);
  const Case result = grade(some_plan(), run, {});
  const Metric* p99 = find_metric(result, "intended_p99_ns");
  ASSERT_NE(p99, nullptr);
  EXPECT_EQ(p99->value, std::nullopt);
  EXPECT_EQ(p99->why, "n/a (needs 567 samples, has 100)");
  EXPECT_TRUE(find_metric(result, "intended_p90_ns")->value);
}

}  // namespace
}  // namespace contend::loadgen
