// loadgen: many clients against one server, every byte verified.

#include <fmt/format.h>

#include "core/command_line.hpp"
#include "core/interrupt.hpp"
#include "core/json_text.hpp"
#include "core/print.hpp"

#include "loadgen/calibrate.hpp"
#include "loadgen/options.hpp"
#include "loadgen/plan.hpp"
#include "loadgen/program.hpp"
#include "loadgen/ranks.hpp"

int main(int argc, char** argv) {
  using namespace contend;
  handle_interrupts();
  loadgen::hold_standard_streams();
  const auto parsed = loadgen::parse_options(argc, argv);
  if (const int* done = std::get_if<int>(&parsed)) return *done;
  const auto& options = std::get<loadgen::Options>(parsed);
  if (options.calibrate) {
    const Expected<int> code = loadgen::calibrate(options);
    return code ? *code : report_error("loadgen", code.error());
  }
  if (loadgen::started_as_rank() && options.gate.empty() && !options.shard && !options.dry_run) {
    return report_error("loadgen", loadgen::become_rank(argv));
  }
  const Expected<loadgen::Plan> plan = loadgen::make_plan(options);
  if (!plan) return report_error("loadgen", plan.error());
  if (options.dry_run) {
    const auto printed = print(stdout, json_text(loadgen::to_json(*plan)));
    return printed ? 0 : report_error("loadgen", printed.error());
  }
  const Expected<int> code = loadgen::carry_out(*plan);
  return code ? *code : report_error("loadgen", code.error());
}
