// What the machine does to a server on a bad day: system calls that fail, memory that runs out, a
// thin wire, a processor that others use. strace injects the failures, so they come at the same
// place in every run. Skipped, visibly, where strace, namespaces or a sanitizer do not allow it.
//
// Every fault of the checklist has a test of every model it applies to (uring: in
// server_uring_test):
//
//   S1   partial writes               a_client_that_does_not_read_costs_no_processor_and_no_byte
//   S2   cut at every boundary        a_message_cut_at_every_boundary, one_byte_at_a_time
//   S3   never reads                  holds_no_more_than_its_buffer_for_a_client_that_never_reads
//   S4   many who never read          clients_that_never_read_does_not_keep_others_waiting
//   S5   resets in the middle         resets_in_the_middle_leaves_nothing_behind
//   S6   half-close                   answers_to_the_last_byte_after_a_half_close
//   S7   the peer vanishes            ends_a_connection_whose_network_went_silent
//   S8   slow clients                 slow_clients_does_not_keep_others_waiting
//   S9   silent clients               silent_clients_ends_when_they_have_been_idle
//   S10  EMFILE                       waits_without_spinning_when_descriptors_run_out
//   S11  accept fails                 Injected.failures_of_accept…, AcceptErrors
//   S12  too many                     too_many_clients_lets_in_just_as_many_as_it_may
//   S13  storm of connections         a_storm_of_short_connections_loses_none
//   S14  resets before accept         resets_before_they_are_accepted_leaves_nothing_behind
//   S15  SIGTERM under load           completes_its_answers_when_told_to_end_under_load
//   S16  SIGTERM, one stuck           cuts_a_stuck_client_at_the_deadline…
//   S17  second signal                stops_at_once_on_a_second_signal…
//   S18  write to one who is gone     Injected.a_client_that_is_gone_when_it_is_written_to…
//   S19  SIGSTOP, SIGCONT             loses_nobody_while_it_is_stopped_for_a_while
//   S20  port in use, bad address     says_in_one_sentence_that_the_port_is_in_use, names_the_flag…
//   S21  restart in TIME_WAIT         binds_again_at_once_while_old_connections_linger
//   S22  the N-th call fails          Injected.the_nth_call_that_fails…, out_of_memory…
//   S23  no io_uring                  InjectedUring.is_refused_in_a_sentence
//   S24  a thin wire that loses       Injected.a_wire_that_is_thin_and_loses…
//        one that resets              Injected.a_wire_that_resets_connections…
//   S25  soak                         Injected.a_long_run_leaves_nothing_behind
//   S26, S27  sanitizers              all of these in the presets tsan and asan-ubsan,
//   sanitizer_test.cpp S28  starved of processor         Injected.a_processor_that_others_use…
#include <atomic>
#include <cstdlib>
#include <thread>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/host.hpp"
#include "core/report_json.hpp"

#include "client.hpp"
#include "running_server.hpp"
#include "server_program.hpp"

namespace contend::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Injected = EveryModel;

bool works(const std::vector<std::string>& argv) {
  const ScratchFolder folder = ScratchFolder::make().value();
  const auto exit =
      run({.argv = argv, .stdout_to = folder.path() / "o", .stderr_to = folder.path() / "o"}, 60s);
  return exit && exit->ok();
}

bool strace_works() {
  static const bool works_here = works({"strace", "-D", "-qq", "-o", "/dev/null", "true"});
  return works_here;
}

#define CONTEND_NEEDS_STRACE() \
  if (!strace_works()) GTEST_SKIP() << "strace is not installed, or may not trace"

/// To start a server under: each thread's `nth` call of `calls` fails with `error`. Leaks are not
/// looked for: AddressSanitizer does that by ptrace, and a process has one tracer only.
std::vector<std::string> failing(const std::string& calls, const std::string& error,
                                 std::size_t nth, const std::filesystem::path& trace) {
  return {"env",    "ASAN_OPTIONS=detect_leaks=0",
          "strace", "-D",
          "-f",     "-qq",
          "-o",     trace,
          "-e",     "trace=" + calls,
          "-e",     "inject=" + calls + ":error=" + error + ":when=" + std::to_string(nth)};
}

bool is_long() {
  return std::getenv("CONTEND_LONG") != nullptr;
}

TEST_P(Injected, failures_of_accept_are_counted_and_cost_nobody_else) {
  CONTEND_NEEDS_STRACE();
  if (GetParam() == "uring") GTEST_SKIP() << "it accepts without a call that could be made to fail";
  for (const std::string error : {"ENFILE", "ENOBUFS", "ENOMEM", "ECONNABORTED", "EPROTO"}) {
    ServerProgram server({"--model", GetParam()}, "echo-server", {},
                         failing("accept,accept4", error, 1, "/dev/null"));
    Client client(server.port());
    EXPECT_EQ(client.exchange("after " + error), "after " + error);
    client.close();
    EXPECT_EQ(server.stop().code, 0);
    EXPECT_GE(server.stats().at("accept_errors").at(error).to_number<int>(), 1);
  }
}

/// Whether the failure struck at all. The clients here may fail, and must not hang.
bool survives(const std::string& model, const std::string& calls, const std::string& error,
              std::size_t nth) {
  const ScratchFolder folder = ScratchFolder::make().value();
  const std::filesystem::path trace = folder.path() / "trace";
  ServerProgram server({"--model", model, "--drain", "1s"}, "echo-server", {},
                       failing(calls, error, nth, trace));
  const std::string what = model + ": " + calls + " number " + std::to_string(nth) + ", " + error;
  if (server.port() == 0) {
    EXPECT_EQ(server.wait().code, 3) << what;
    EXPECT_THAT(server.complaint(), HasSubstr("echo-server: ")) << what;
    return true;
  }
  for (int i = 0; i < 2; ++i) {
    Client client(server.port());
    ::send(client.descriptor(), "hello", 5, MSG_NOSIGNAL);
    client.finish();
    client.receive_all();
  }
  const Exit exit = server.stop();
  EXPECT_TRUE(exit.code == 0 || exit.code == 1) << what << ": " << describe(exit);
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0) << what;
  // strace writes its last lines after the server has ended.
  bool struck = false;
  for (int i = 0; i < 20 && !struck; ++i) {
    struck = read_file(trace).value().find("INJECTED") != std::string::npos;
    if (!struck) std::this_thread::sleep_for(5ms);
  }
  return struck;
}

TEST_P(Injected, the_nth_call_that_fails_ends_at_most_a_connection) {
  CONTEND_NEEDS_STRACE();
  const std::size_t most = is_long() ? 100 : 3;
  std::vector<std::pair<std::string, std::string>> failures{{"recvfrom,recvmsg", "ECONNRESET"},
                                                            {"sendto,sendmsg", "EPIPE"}};
  // A sanitizer's runtime has threads of its own, and cannot do without.
  if (std::string_view(this_sanitizer()) == "none") failures.emplace_back("clone,clone3", "EAGAIN");
  // Not where a loop runs: Asio wakes it by epoll_ctl, and would not notice that it did not.
  if (GetParam() == "sequential" || GetParam() == "thread") {
    failures.emplace_back("epoll_ctl", "ENOMEM");
  }
  for (const auto& [calls, error] : failures) {
    for (std::size_t nth = 1; nth <= most; ++nth) {
      if (!survives(GetParam(), calls, error, nth)) break;
    }
  }
}

TEST_P(Injected, out_of_memory_the_server_refuses_some_and_serves_the_others) {
  if (std::string_view(this_sanitizer()) != "none") GTEST_SKIP() << "a sanitizer needs memory";
  ServerProgram server({"--model", GetParam(), "--chunk", "64M"}, "echo-server", {},
                       limited("v", 700 * 1024));
  std::vector<Client> clients;
  EXPECT_EQ(clients.emplace_back(server.port()).exchange("first"), "first");
  if (GetParam() == "sequential") {
    EXPECT_EQ(server.stop().code, 0);
    GTEST_SKIP() << "one connection at a time does not run out";
  }
  // Where a loop's connections share a buffer, only those who do not read need one of their own.
  const bool shared = GetParam() == "coroutine" || GetParam() == "sharded";
  for (int i = 0; i < 20; ++i) clients.emplace_back(server.port());
  if (shared) Client::stuff(std::span<const Client>(clients).subspan(1));
  ASSERT_TRUE(becomes_true([&] {
    const auto stats = server.stats_now();
    return shared ? stats.at("connections_closed").at("error").to_number<int>() > 0
                  : stats.at("accept_errors").as_object().contains("ENOMEM");
  }));
  EXPECT_EQ(clients.front().exchange("unharmed"), "unharmed");
  clients.clear();
  EXPECT_TRUE(becomes_true([&] { return server.stats_now().at("connections_active") == 0; }));
  // Their threads give the memory back a little after they have closed.
  EXPECT_TRUE(becomes_true([&] {
    Client client(server.port());
    const std::string sent = "again";
    return ::send(client.descriptor(), sent.data(), sent.size(), MSG_NOSIGNAL) > 0 &&
           client.receive(sent.size()) == sent;
  }));
  EXPECT_EQ(server.stop().code, 0);
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0);
}

TEST_P(Injected, a_client_that_is_gone_when_it_is_written_to_is_counted) {
  // Long enough for a busy machine to reset the connection in.
  ServerProgram server({"--model", GetParam(), "--delay", "1s"});
  Client client(server.port());
  client.send("no answer needed");
  ASSERT_TRUE(becomes_true([&] { return server.stats_now().at("bytes_in") == 16; }));
  client.reset();  // While the answer waits for its delay.
  const auto ended = [&](const char* end) {
    return server.stats_now().at("connections_closed").at(end).to_number<int>();
  };
  EXPECT_TRUE(becomes_true([&] { return ended("reset") + ended("broken_pipe") == 1; }));
  EXPECT_EQ(server.stop().code, 0);
  EXPECT_EQ(server.stats().at("bytes_owed"), 16);
}

/// What a shell script, in a network of its own and in `folder`, printed; it must end well.
std::string run_in_own_network(const std::string& script, const std::filesystem::path& folder) {
  const auto exit = run({.argv = {"unshare", "-rn", "sh", "-c", script},
                         .stdout_to = folder / "all",
                         .stderr_to = folder / "all",
                         .folder = folder},
                        60s);
  const std::string said = read_file(folder / "all").value();
  EXPECT_TRUE(exit && exit->ok()) << said;
  return said;
}

TEST_P(Injected, a_wire_that_is_thin_and_loses_changes_no_byte) {
  const std::string wire =
      "ip link set lo mtu 1500 && ip link set lo up && "
      "tc qdisc add dev lo root tbf rate 20mbit burst 20kb limit 20kb";
  if (!works({"unshare", "-rn", "sh", "-c", wire})) {
    GTEST_SKIP() << "no namespace with a wire of its own";
  }
  const ScratchFolder folder = ScratchFolder::make().value();
  const std::string program = find_program("echo-server").value();
  // What does not fit into 20 kB of queue is lost, and TCP must send it again.
  const std::string script = wire + " && head -c 200000 /dev/urandom > sent\n" + program +
                             " --model " + GetParam() +
                             " > said & server=$!\n"
                             "until grep -s on said; do sleep 0.05; done\n"
                             "nc -N 127.0.0.1 $(sed 's/.*://' said) < sent > got\n"
                             "cmp sent got && tc -s qdisc show dev lo\n"
                             "kill $server; wait $server && echo drained";
  const std::string said = run_in_own_network(script, folder.path());
  EXPECT_THAT(said, testing::ContainsRegex("dropped [1-9]")) << "all came back, and some was lost";
  EXPECT_THAT(said, HasSubstr("drained"));
}

TEST_P(Injected, a_wire_that_resets_connections_costs_those_and_no_byte_of_others) {
  const std::string wire =
      "ip link set lo up && nft add table ip w && "
      "nft \"add chain ip w i { type filter hook input priority 0 ; }\"";
  if (!works({"unshare", "-rn", "sh", "-c", wire})) {
    GTEST_SKIP() << "no namespace with a firewall of its own";
  }
  const ScratchFolder folder = ScratchFolder::make().value();
  // Of the packets with data, either way, some never arrive, and their senders get a reset.
  std::string script = wire + "\n";
  for (const char* way : {"sport", "dport"}) {
    script += std::string("nft \"add rule ip w i tcp ") + way +
              " 7777 meta length > 60 numgen random mod 1000 < 8 counter reject with tcp reset\"\n";
  }
  const std::string clients = GetParam() == "sequential" ? "1" : "10";
  script += find_program("echo-server").value().string() + " --model " + GetParam() +
            " --port 7777 --idle-timeout 300ms --stats stats > said & server=$!\n"
            "until grep -s on said; do sleep 0.05; done\n" +
            find_program("loadgen").value().string() + " -c " + clients +
            " -n 1000 --timeout 2s --json report 127.0.0.1:7777\n"
            "nft list ruleset | grep counter\n"
            "kill $server; wait $server && echo drained";
  const std::string said = run_in_own_network(script, folder.path());
  EXPECT_THAT(said, HasSubstr("drained"));
  EXPECT_THAT(said, testing::ContainsRegex("counter packets [1-9]")) << "nothing was reset";
  const Report report = load_report(folder.path() / "report").value();
  const auto value = [&](const char* name) {
    return find_metric(report.cases.at(0), name)->value.value();
  };
  // Whose answer never arrived after its question had, has nothing to send again, and waits.
  const double silent = value("errors_timeout") + value("errors_starved");
  EXPECT_GT(value("errors_total"), 0) << said;
  EXPECT_EQ(value("errors_reset") + silent, value("errors_total")) << said;
  EXPECT_EQ(value("messages_answered") + value("messages_failed") + value("messages_unsent"), 1000)
      << said;
  const auto stats = boost::json::parse(read_file(folder.path() / "stats").value());
  EXPECT_EQ(stats.at("bytes_unaccounted"), 0) << said;
  EXPECT_EQ(stats.at("connections_active"), 0) << said;
}

TEST_P(Injected, a_long_run_leaves_nothing_behind) {
  ServerProgram server({"--model", GetParam()});
  const std::string proc = "/proc/" + std::to_string(server.child().pid());
  const auto memory = [&] {
    const std::string status = read_file(proc + "/status").value();
    return std::stoll(status.substr(status.find("VmRSS:") + 6)) * 1024;
  };
  const auto run_for = [&](int connections) {
    for (int i = 0; i < connections; ++i) {
      Client client(server.port());
      EXPECT_EQ(client.exchange("hello"), "hello");
    }
    EXPECT_TRUE(becomes_true([&] { return server.stats_now().at("connections_active") == 0; }));
  };
  // Before it is asked for its statistics, for which it lets go of some for a moment.
  const auto descriptors_before = server.open_descriptors();
  run_for(300);
  const auto memory_before = memory();
  run_for(is_long() ? 300'000 : 1000);
  // The last socket may be booked as closed just before it is.
  EXPECT_TRUE(becomes_true([&] { return server.open_descriptors() <= descriptors_before; }));
  if (std::string_view(this_sanitizer()) == "none") {
    // A thousand connections that each left a hundred bytes would be below, a buffer each far
    // above.
    EXPECT_LT(memory() - memory_before, 1024 * 1024);
  }
  EXPECT_EQ(server.stop().code, 0);
}

TEST_P(Injected, a_processor_that_others_use_slows_the_server_and_changes_nothing) {
  if (!works({"taskset", "-c", "0", "nice", "-n", "19", "true"}))
    GTEST_SKIP() << "no taskset, no nice";
  ServerProgram server({"--model", GetParam()}, "echo-server", {},
                       {"taskset", "-c", "0", "nice", "-n", "19"});
  const Expected<Child> busy =
      Child::start({.argv = {"taskset", "-c", "0", "sh", "-c", "while :; do :; done"}});
  ASSERT_TRUE(busy);
  Client client(server.port());
  for (std::uint64_t i = 0; i < 20; ++i) {
    const std::string sent = noise(1000, i);
    EXPECT_TRUE(client.exchange(sent) == sent);
  }
  client.close();
  EXPECT_EQ(server.stop().code, 0);
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0);
}

TEST(InjectedUring, is_refused_in_a_sentence) {
  CONTEND_NEEDS_STRACE();
  if (!find_program("echo-server-uring")) GTEST_SKIP() << "not built: a sanitizer";
  ServerProgram server({"--model", "uring"}, "echo-server", {},
                       failing("io_uring_setup", "EPERM", 1, "/dev/null"));
  EXPECT_EQ(server.port(), 0);
  EXPECT_EQ(server.wait().code, 3);
  EXPECT_THAT(server.complaint(), HasSubstr("echo-server: starting model uring: "));
}

CONTEND_FOR_EVERY_MODEL(Injected);

}  // namespace
}  // namespace contend::test
