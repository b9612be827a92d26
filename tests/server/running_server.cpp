#include "running_server.hpp"

#include <thread>

#include "core/check.hpp"

namespace contend::test {

using namespace std::chrono_literals;

bool becomes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

server::Server start(const server::Options& options) {
  Expected<server::Server> server = server::Server::start(options);
  CONTEND_CHECK(server.has_value());
  return std::move(*server);
}

server::Totals stop_and_balance(server::Server& server) {
  server.begin_drain();
  EXPECT_TRUE(becomes_true([&] { return server.totals().active == 0; })) << "did not drain";
  server.stop();
  const server::Totals totals = server.totals();
  EXPECT_EQ(totals.bytes_unaccounted, 0);
  EXPECT_EQ(totals.active, 0U);
  return totals;
}

void EveryModel::SetUp() {
  if (GetParam() != "uring") return;
  const Expected<server::Server> probe = server::Server::start(options());
  if (!probe) GTEST_SKIP() << probe.error().message;
}

std::vector<std::string> every_model() {
#ifdef CONTEND_ONLY_MODEL
  return {CONTEND_ONLY_MODEL};
#endif
  std::vector<std::string> names;
  for (const server::Model* model : server::models()) {
    if (model->start != nullptr) names.emplace_back(model->name);
  }
  return names;
}

std::vector<std::string> every_concurrent_model() {
  std::vector<std::string> names = every_model();
  std::erase(names, "sequential");
  return names;
}

}  // namespace contend::test
