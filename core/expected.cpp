#include "core/expected.hpp"

#include <system_error>

#include "core/check.hpp"

namespace contend {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return 64;
    case ErrorKind::world:
      return 3;
    case ErrorKind::internal:
      return 70;
  }
  return 70;
}

Error errno_error(const std::string& what, int error_number) {
  return world_error(what + ": " + std::generic_category().message(error_number));
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  check_failed(error.message.c_str(), where.file_name(), static_cast<int>(where.line()));
}

}  // namespace contend
