// Assertions about our own code, on in every build. What the world does wrong is an Error instead.
#pragma once

namespace contend {

/// Prints the condition and its place on stderr and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace contend

#define CONTEND_CHECK(condition) \
  ((condition) ? void() : ::contend::check_failed(#condition, __FILE__, __LINE__))
