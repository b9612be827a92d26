// contend: pipelines, reports and gates. The verbs are in ci/verbs.hpp.
#include "core/command_line.hpp"
#include "core/interrupt.hpp"

#include "ci/command_line.hpp"
#include "ci/verbs.hpp"

int main(int argc, char** argv) {
  using namespace contend;
  handle_interrupts();
  ci::Options options;
  if (const auto code = ci::parse_command_line(argc, argv, options)) return *code;
  const Expected<int> code =
      std::visit([](const auto& chosen) { return ci::execute(chosen); }, options);
  return code ? *code : report_error("contend", code.error());
}
