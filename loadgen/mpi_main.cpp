// loadgen-mpi: what loadgen becomes when mpirun starts it. One process a rank, which talks to the
// others and starts the loadgen that measures; MPI is in no other program.
#include "core/command_line.hpp"
#include "core/interrupt.hpp"
#include "core/process.hpp"

#include "loadgen/mpi_coordination.hpp"
#include "loadgen/options.hpp"
#include "loadgen/ranks.hpp"

int main(int argc, char** argv) {
  using namespace contend;
  const auto all = loadgen::join_by_mpi(&argc, &argv);
  handle_interrupts();
  const auto parsed = loadgen::parse_options(argc, argv);
  if (const int* done = std::get_if<int>(&parsed)) return *done;
  const Expected<std::filesystem::path> program = find_program("loadgen");
  if (!program) return report_error("loadgen", program.error());
  const Expected<int> code =
      loadgen::run_ranks(std::get<loadgen::Options>(parsed), program->string(), *all);
  return code ? *code : report_error("loadgen", code.error());
}
