// echo-server: parse, serve, exit.
#include "core/command_line.hpp"

#include "server/command_line.hpp"
#include "server/supervise.hpp"

int main(int argc, char** argv) {
  using namespace contend;
  const auto parsed = server::parse_command_line(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& options = std::get<server::Options>(parsed);
  if (const auto became = server::become_program_of_model(options, argv); !became) {
    return report_error("echo-server", became.error());
  }
  const Expected<int> code = server::serve(options);
  return code ? *code : report_error("echo-server", code.error());
}
