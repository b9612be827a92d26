// What an error of a socket means, and how a connection is dimensioned: what Connection needs and
// is the same for all its combinations.
#pragma once

#include <cstddef>
#include <cstdint>

#include <boost/system/error_code.hpp>

#include "loadgen/cause.hpp"
#include "loadgen/plan.hpp"
#include "loadgen/tally.hpp"

namespace contend::loadgen {

Cause cause_of_connect(const boost::system::error_code& error);
Cause cause_of_break(const boost::system::error_code& error);

/// How long to wait before another attempt, after so many in a row that came to nothing.
Clock::duration pause_after(std::uint32_t idle_lives);

std::size_t read_buffer_size(const Plan& plan);
/// Whether it must read while it writes, since what is on its way may fill the buffers between.
bool needs_duplex(const Plan& plan);
/// Whether what a client has on its way fits there whatever the server does, were each message a
/// write of its own.
bool sends_fit(const Plan& plan);

}  // namespace contend::loadgen
