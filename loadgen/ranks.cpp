#include "loadgen/ranks.hpp"

#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <zlib.h>

#include "core/host.hpp"
#include "core/process.hpp"
#include "core/shards.hpp"

#include "loadgen/lead.hpp"
#include "loadgen/plan.hpp"
#include "loadgen/program.hpp"

namespace contend::loadgen {
namespace {

/// Of the program's bytes, so that two that call themselves the same are told apart.
std::string checksum(const std::string& program) {
  std::ifstream file(program, std::ios::binary);
  std::string block(1 << 20, '\0');
  unsigned long sum = ::crc32(0, nullptr, 0);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())), file.gcount() > 0) {
    sum = ::crc32(sum, reinterpret_cast<const unsigned char*>(block.data()),
                  static_cast<unsigned>(file.gcount()));
  }
  return fmt::format("{:08x}", sum);
}

Expected<void> check_options(const Options& options) {
  if (options.workers != 1) return usage_error("--workers: under mpirun start more ranks instead");
  if (!options.spawn.empty()) {
    return usage_error("--spawn: under mpirun start the server first, where all ranks reach it");
  }
  return {};
}

Expected<Plan> plan_of(Options options, const std::string& program, Coordination& all) {
  const std::string seed = all.broadcast(std::to_string(std::random_device()()));
  if (!options.seed) options.seed = std::strtoull(seed.c_str(), nullptr, 10);
  if (const auto fine = check_options(options); !fine) return fine.error();
  options.workers = all.size();
  options.ranks = true;
  Expected<Plan> plan = make_plan(options);
  if (plan) plan->program = program;
  return plan;
}

/// What a rank says of itself before the run.
std::string introduction(const Expected<Plan>& plan, const std::string& program) {
  const Report report = new_report("loadgen");
  boost::json::object json{{"program", fmt::format("loadgen {} ({}, {})", report.version,
                                                   report.host.revision, checksum(program))}};
  if (plan) {
    json["plan"] = to_json(*plan);
  } else {
    json["error"] = plan.error().message;
    json["usage"] = plan.error().kind == ErrorKind::usage;
  }
  return boost::json::serialize(json);
}

/// What is wrong with the first rank that cannot take part; none if all can.
std::optional<Error> complaint(const std::vector<std::string>& introductions) {
  const auto first = boost::json::parse(introductions.front()).as_object();
  for (std::size_t rank = 0; rank < introductions.size(); ++rank) {
    const auto each = boost::json::parse(introductions[rank]).as_object();
    const auto text = [](const boost::json::value& value) {
      return std::string(value.as_string());
    };
    if (const auto* error = each.if_contains("error")) {
      const auto kind = each.at("usage").as_bool() ? ErrorKind::usage : ErrorKind::world;
      if (first.contains("error")) return Error{kind, text(*error)};
      return Error{kind, fmt::format("rank {}: {}", rank, text(*error))};
    }
    if (each.at("program") != first.at("program")) {
      return world_error(fmt::format("rank {} runs another program than rank 0: {}, not {}", rank,
                                     text(each.at("program")), text(first.at("program"))));
    }
    const auto& mine = each.at("plan").as_object();
    const auto& theirs = first.at("plan").as_object();
    if (const auto member = plan_difference(mine, theirs)) {
      const auto shown = [&](const boost::json::object& plan) {
        const auto* value = plan.if_contains(*member);
        return value == nullptr ? "nothing" : boost::json::serialize(*value);
      };
      return usage_error(fmt::format("rank {} has other options than rank 0: {} is {}, not {}",
                                     rank, *member, shown(mine), shown(theirs)));
    }
  }
  return std::nullopt;
}

/// Rank 0 says it; all leave with its code.
std::optional<Expected<int>> refusal(const std::vector<std::string>& introductions,
                                     Coordination& all) {
  std::optional<Error> wrong;
  if (all.rank() == 0) wrong = complaint(introductions);
  const std::string code =
      all.broadcast(wrong ? std::to_string(exit_code(wrong->kind)) : std::string());
  if (wrong) return Expected<int>(*wrong);
  if (!code.empty()) return Expected<int>(std::atoi(code.c_str()));
  return std::nullopt;
}

}  // namespace

void Alone::abort(int code) {
  ::_exit(code);
}

bool started_as_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && std::string_view(value) != "1") return true;
  }
  return false;
}

Error become_rank(char** argv) {
  return become_program(
      "loadgen-mpi", argv,
      "started by mpirun, but built without MPI: install libopenmpi-dev, configure and build "
      "again without a sanitizer (or start parts with --shard)");
}

Expected<int> run_ranks(const Options& options, const std::string& program, Coordination& all) {
  const Expected<Plan> plan = plan_of(options, program, all);
  if (const auto refused = refusal(all.gather(introduction(plan, program)), all)) return *refused;
  const ClockAgreement clocks = all.agree_clocks();
  all.barrier();
  return all.rank() == 0 ? lead(*plan, clocks, all) : follow(*plan, clocks, all);
}

}  // namespace contend::loadgen
