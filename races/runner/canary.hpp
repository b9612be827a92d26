// Two experiments that every program of experiments carries: a race that each lens must find, and
// its locked twin, of which each must stay silent. Without that no other verdict counts.
#pragma once

#include <vector>

#include <contend/races.hpp>

namespace contend::races {

std::vector<Experiment> canaries();

}  // namespace contend::races
