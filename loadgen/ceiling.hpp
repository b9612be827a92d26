// What loadgen itself can do at most on this machine, as `loadgen calibrate` learned it, and how
// much of that a run used. Never a guess: where nothing was learned there is no number.
#pragma once

#include <filesystem>
#include <string>

#include "core/report.hpp"

#include "loadgen/plan.hpp"

namespace contend::loadgen {

/// What a ceiling is of: "tcp, 64 bytes, depth 1, 1 thread, text, verified, uring". Errors: a plan
/// of a kind that cannot be calibrated.
Expected<std::string> shape_of(const Plan& plan);

/// loadgen-ceilings.json in contend's folder of $XDG_CACHE_HOME, or of ~/.cache. Errors: neither
/// variable is set.
Expected<std::filesystem::path> ceilings_file();

/// Messages a second of this shape, on this machine, by this build of loadgen.
Expected<void> save_ceiling(const std::filesystem::path& file, const std::string& shape,
                            double per_second);
/// Errors: not learned, or a file that cannot be read; the sentence says which.
Expected<double> load_ceiling(const std::filesystem::path& file, const std::string& shape);

/// The metrics ceiling_per_second and ceiling_used_ratio, without a value where nothing was
/// learned.
void add_ceiling(const Plan& plan, Case& result);

}  // namespace contend::loadgen
