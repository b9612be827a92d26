// What a process that carries a part of a plan out for another is told, besides the command line
// that both share: a file, named by the hidden option --as. And how the two agree on the start.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/expected.hpp"
#include "core/shards.hpp"
#include "core/units.hpp"

#include "loadgen/options.hpp"
#include "loadgen/snapshot.hpp"

namespace contend::loadgen {

/// All its files lie in `folder`.
struct Job {
  std::filesystem::path folder;
  Shard shard;
  std::uint64_t seed = 0;
  std::vector<std::string> targets;
  std::string name;
};

std::filesystem::path file_of(const Job& job);
std::filesystem::path report_of(const Job& job);
/// Replaced a few times a second by a part that lives; read by snapshot_from().
std::filesystem::path figures_of(const Job& job);

Expected<void> save(const Job& job);

/// Makes the options of the whole those of the part. Errors: no such file, no job.
Expected<void> become_part(const std::filesystem::path& file, Options& options);

/// Of the part: says that it is ready, and waits to be told when to start, as a time since the
/// epoch. None if we are interrupted first.
std::optional<Nanoseconds> await_start(const std::filesystem::path& folder);

/// Of the part: what it has counted so far. Where that cannot be written, it will be held for hung.
void tell_figures(const std::filesystem::path& folder, const Snapshot& snapshot);

/// Of the one who waits for it.
bool is_ready(const Job& job);
Expected<void> tell_start(const Job& job, Nanoseconds start);

}  // namespace contend::loadgen
