// `n += 1` by two threads, carried inside the runtime itself: plain it must be found, locked it
// must not. Before it has shown both, nothing the explorer says about a program counts.
#pragma once

#include "races/explore/protocol.hpp"

namespace contend::explore {

/// 1 if an update was lost, else 0.
int run_canary(Canary canary);

}  // namespace contend::explore
