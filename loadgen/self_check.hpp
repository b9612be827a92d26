// Whether the generator itself was the limit, so that the run says nothing about the server.
#pragma once

#include <optional>
#include <string>

#include "loadgen/plan.hpp"
#include "loadgen/run.hpp"

namespace contend::loadgen {

/// A share of a core above which a thread had no time left.
inline constexpr double saturated = 0.95;
/// A share of the time: who was ready and had no core for longer than this measured others.
inline constexpr double crowded_out = 0.25;

/// Whether a thread had no time left, be it that it used its core up or that others did.
bool is_saturated(double ran, double waited);

/// A sentence if the latencies of this run are our own, nothing if they are the server's. Open loop
/// only: a closed loop is always as fast as the slower side.
std::optional<std::string> generator_was_the_limit(const Plan& plan, const Run& run);

/// Every message is in exactly one place. A sentence where that is not so: a bug of ours.
std::optional<std::string> broken_account(const Tally& tally);

/// Little's law: the messages in flight on average are their rate times the time each took. Counted
/// from the latencies; 0 for a run of no length.
double mean_in_flight(const Run& run);

/// By that law no more can have been in flight than the clients were allowed. A sentence where the
/// latencies say otherwise: then they, or the counts, are wrong, which is a bug of ours.
std::optional<std::string> broken_latencies(const Plan& plan, const Run& run);

}  // namespace contend::loadgen
