// What a step that can fail returns: a value, or an error with the sentence the user will read.
#pragma once

#include <string>
#include <utility>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

namespace contend {

enum class ErrorKind {
  usage,    ///< the command line or a configuration file is wrong: exit 64
  world,    ///< the machine or the network refused: exit 3
  internal  ///< we broke our own promise: exit 70
};

struct Error {
  ErrorKind kind = ErrorKind::world;
  std::string
      message;  ///< one sentence, without a full stop, naming what was tried and what came back
};

/// The exit code that stands for `kind`.
int exit_code(ErrorKind kind);

template <class T>
using Expected = boost::system::result<T, Error>;

inline Error usage_error(std::string message) {
  return {ErrorKind::usage, std::move(message)};
}
inline Error world_error(std::string message) {
  return {ErrorKind::world, std::move(message)};
}

/// `what: reason of errno`, e.g. "opening report.json: No space left on device".
Error errno_error(const std::string& what, int error_number);

/// Called by Boost when value() is taken of an error: a bug of ours, so it ends the program.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

}  // namespace contend
