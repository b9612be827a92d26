// Histograms as text: the V2 compressed encoding of HdrHistogram in base64, which its Java,
// JavaScript, Go, Rust and C implementations read, and the lossless form a report keeps.
#pragma once

#include <string>
#include <string_view>

#include "core/expected.hpp"
#include "core/histogram.hpp"
#include "core/report.hpp"

namespace contend {

/// Base64 of the zlib-compressed V2 encoding. Source: HdrHistogram, AbstractHistogram.encodeInto….
std::string encode(const Histogram& histogram);

/// Errors: not base64, not zlib, another cookie, another range or precision than ours, cut off.
Expected<Histogram> decode_histogram(std::string_view text);

/// The report's form: the summary is exact, the buckets travel in `hdr`. Unit "ns".
Distribution to_distribution(std::string name, const Histogram& histogram);

/// The way back: counters, and the exact summary. Errors: those of decode_histogram(), and a count
/// that is not that of the buckets.
Expected<Histogram> from_distribution(const Distribution& distribution);

/// The same into a histogram that holds others' counts already, as merge() would add them, without
/// a whole one in between. After an error `into` may hold some of it.
Expected<void> add_distribution(const Distribution& distribution, Histogram& into);

}  // namespace contend
