// A server inside the test, and the promise that every test ends with: the books balance.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "server/server.hpp"

namespace contend::test {

/// Waits, politely, for what must become true; false when it has not after a minute.
bool becomes_true(const std::function<bool()>& condition);

/// Starts on a free port; fails the test if it cannot.
server::Server start(const server::Options& options);

/// Drains the server, stops it, and checks that nothing is unaccounted for.
server::Totals stop_and_balance(server::Server& server);

inline std::uint64_t closed_by(const server::Totals& totals, server::End end) {
  return totals.closed[static_cast<std::size_t>(end)];
}

/// A test that each model of this program must pass; the name of the model is the parameter.
/// `uring` has a build of these tests to itself, all skipped where io_uring is forbidden.
class EveryModel : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override;
  server::Options options() const {
    server::Options options;
    options.model = GetParam();
    return options;
  }
};

/// The models that serve more than one client at a time.
class EveryConcurrentModel : public EveryModel {};

std::vector<std::string> every_model();
std::vector<std::string> every_concurrent_model();

inline std::string name_of_model(const testing::TestParamInfo<std::string>& model) {
  return model.param;
}

}  // namespace contend::test

#define CONTEND_FOR_EVERY_MODEL(suite)                                                 \
  INSTANTIATE_TEST_SUITE_P(of, suite, testing::ValuesIn(contend::test::every_model()), \
                           contend::test::name_of_model)
#define CONTEND_FOR_EVERY_CONCURRENT_MODEL(suite)                                                 \
  INSTANTIATE_TEST_SUITE_P(of, suite, testing::ValuesIn(contend::test::every_concurrent_model()), \
                           contend::test::name_of_model)
