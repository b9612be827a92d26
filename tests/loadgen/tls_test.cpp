// TLS against servers that we did not write, with certificates that are right and wrong.
#include <gtest/gtest.h>

#include "core/file.hpp"

#include "tests/support/programs.hpp"

namespace contend::testing {
namespace {

using namespace std::chrono_literals;

class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
    if (!is_installed("openssl")) GTEST_SKIP() << "openssl is not installed";
    make_certificate("good", "subjectAltName=DNS:localhost,IP:127.0.0.1");
    make_certificate("other", "subjectAltName=DNS:elsewhere.invalid");
  }

  void make_certificate(const std::string& name, const std::string& names) {
    const auto made = run(
        {.argv = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=" + name,
                  "-addext", names, "-keyout", file(name + ".key"), "-out", file(name + ".pem")},
         .stderr_to = folder_.path() / "openssl"},
        60s);
    ASSERT_TRUE(made && made->ok());
  }

  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  std::string server(const std::string& certificate, const std::string& more = "") const {
    return stranger("tls_echo.py") + " " + file(certificate + ".pem") + " " +
           file(certificate + ".key") + " {port} " + more;
  }

  static Ran load(const std::string& command, std::vector<std::string> more,
                  const std::string& target = "tls://127.0.0.1:{port}") {
    std::vector<std::string> words{"loadgen", "-c", "5", "--json", "%json", "--spawn", command};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(target);
    return run_program(words);
  }

  const ScratchFolder folder_ = *ScratchFolder::make();
};

TEST_F(Tls, every_byte_comes_back_from_a_server_that_proves_its_name) {
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const Ran ran = load(server("good"), {"-n", "500", "--tls-ca", file("good.pem")},
                         "tls://" + host + ":{port}");
    EXPECT_EQ(ran.exit.code, 0) << ran.said();
    EXPECT_EQ(metric(ran, "bytes_verified"), 64 * 500) << ran.said();
    EXPECT_EQ(metric(ran, "connections"), 5) << ran.said();
  }
}

TEST_F(Tls, large_messages_and_depth_and_due_times_work_as_without) {
  const Ran deep = load(server("good"), {"-n", "120", "-p", "8", "-s", "1..300k", "-t", "2",
                                         "--tls-ca", file("good.pem")});
  EXPECT_EQ(deep.exit.code, 0) << deep.said();
  EXPECT_EQ(metric(deep, "bytes_verified"), metric(deep, "bytes_sent")) << deep.said();
  const Ran due = load(server("good"), {"-n", "100", "-R", "200", "--tls-ca", file("good.pem")});
  EXPECT_EQ(metric(due, "messages_answered"), 100) << due.said();
}

TEST_F(Tls, our_own_server_speaks_it_in_every_model) {
  for (const char* model : {"sequential", "thread", "coroutine", "pool", "sharded"}) {
    const std::string ours = find_program("echo-server")->string() + " --port {port} --model " +
                             model + " --tls-cert " + file("good.pem") + " --tls-key " +
                             file("good.key");
    const Ran ran =
        load(ours, {"-n", "400", "-s", "1..20k", "--timeout", "60s", "--tls-ca", file("good.pem")});
    EXPECT_EQ(ran.exit.code, 0) << model << ran.said();
    EXPECT_EQ(metric(ran, "messages_answered"), 400) << model << ran.said();
    EXPECT_EQ(metric(ran, "bytes_verified"), metric(ran, "bytes_sent")) << model << ran.said();
    const Ran wrong = load(ours + " --fault corrupt:0.05",
                           {"-n", "400", "--timeout", "60s", "--tls-ca", file("good.pem")});
    EXPECT_EQ(wrong.exit.code, 1) << model << wrong.said();
    EXPECT_GT(metric(wrong, "errors_corrupt"), 0) << model << wrong.said();
    const Ran distrusted = load(ours, {"-n", "10"});
    EXPECT_EQ(distrusted.exit.code, 3) << model << distrusted.said();
  }
}

TEST_F(Tls, a_server_that_nobody_vouches_for_is_refused) {
  const Ran ran = load(server("good"), {"-n", "10"});
  EXPECT_EQ(ran.exit.code, 3) << ran.said();
  EXPECT_EQ(metric(ran, "errors_tls_failed"), 5) << ran.said();
  EXPECT_NE(ran.report->cases.at(0).reason.find("certificate refused: self-signed certificate"),
            std::string::npos)
      << ran.said();
}

TEST_F(Tls, a_server_with_another_ones_name_is_refused) {
  const Ran ran = load(server("other"), {"-n", "10", "--tls-ca", file("other.pem")});
  EXPECT_EQ(ran.exit.code, 3) << ran.said();
  EXPECT_EQ(metric(ran, "errors_tls_failed"), 5) << ran.said();
}

TEST_F(Tls, insecure_takes_any_certificate) {
  const Ran ran = load(server("other"), {"-n", "100", "--insecure"});
  EXPECT_EQ(ran.exit.code, 0) << ran.said();
  EXPECT_EQ(metric(ran, "messages_answered"), 100) << ran.said();
}

TEST_F(Tls, a_wrong_byte_is_seen_through_it) {
  const Ran ran = load(server("good", "flip"), {"-n", "500", "--tls-ca", file("good.pem")});
  EXPECT_EQ(ran.exit.code, 1) << ran.said();
  EXPECT_EQ(metric(ran, "errors_corrupt"), 5) << ran.said();
}

TEST_F(Tls, a_server_that_does_not_speak_it_is_named) {
  const Ran ran = load(stranger("broken_echo.py") + " none {port}", {"-n", "10", "--insecure"});
  EXPECT_EQ(ran.exit.code, 3) << ran.said();
  EXPECT_EQ(metric(ran, "errors_tls_failed"), 5) << ran.said();
}

TEST_F(Tls, an_answer_of_another_kind_comes_from_openssl_itself) {
  // It sends each line back to front: right in length, wrong in every byte.
  const std::string command = "openssl s_server -quiet -rev -accept 127.0.0.1:{port} -cert " +
                              file("good.pem") + " -key " + file("good.key");
  const Ran ran = run_program({"loadgen", "-c", "1", "-n", "1", "--tls-ca", file("good.pem"),
                               "--json", "%json", "--spawn", command, "tls://127.0.0.1:{port}"});
  EXPECT_EQ(ran.exit.code, 1) << ran.said();
  EXPECT_EQ(metric(ran, "connections"), 1) << ran.said();
  EXPECT_EQ(metric(ran, "messages_failed"), 1) << ran.said();
}

TEST_F(Tls, options_without_it_and_files_that_are_none_are_named) {
  const Ran useless = run_program({"loadgen", "--insecure", "127.0.0.1:1"});
  EXPECT_EQ(useless.exit.code, 64) << useless.said();
  EXPECT_NE(useless.err.find("--insecure"), std::string::npos) << useless.said();
  const Ran missing = run_program({"loadgen", "--tls-ca", "/no/such.pem", "tls://127.0.0.1:1"});
  EXPECT_EQ(missing.exit.code, 3) << missing.said();
  EXPECT_NE(missing.err.find("/no/such.pem"), std::string::npos) << missing.said();
}

}  // namespace
}  // namespace contend::testing
