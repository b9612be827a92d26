// A conversation as steps, read from a file: drives any protocol of requests and answers. The
// format is described in docs/loadgen.md.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/expected.hpp"

namespace contend::loadgen {

/// No step reads more, whatever length a script or an answer names.
inline constexpr std::size_t longest_answer = std::size_t{1} << 30;

/// A regular expression, compiled; searched for by any number of threads at once.
class Pattern {
 public:
  struct Match {
    bool found = false;
    std::string first_group;  ///< empty where there is none
  };

  /// Perl's syntax; `.` is any byte. Errors: what is wrong with it.
  static Expected<std::shared_ptr<const Pattern>> compile(const std::string& text);
  virtual ~Pattern() = default;
  /// A search that would take for ever counts as not found.
  virtual Match search(std::string_view text) const = 0;
};

struct Step {
  enum class Kind { send, literal, length, pattern };

  Kind kind = Kind::send;
  std::size_t line = 0;
  std::string text;                     ///< of send and literal; may hold {id} and {host}
  std::optional<std::size_t> length{};  ///< none: what the last pattern's group says
  std::string until{};  ///< a pattern is searched for in all up to here, this included
  std::shared_ptr<const Pattern> pattern{};
};

/// Immutable, so any number of threads may read one. The steps from `repeat_from` on are one
/// message, again and again; those before come first on each connection.
struct Script {
  std::string name;
  std::vector<Step> steps;
  std::size_t repeat_from = 0;

  std::size_t largest_send() const;
};

/// Errors: usage, naming file and line.
Expected<Script> parse_script(std::string_view text, const std::string& name);

/// `name` is a path, or one of the scripts that came with us: "redis". Errors: neither.
Expected<Script> load_script(const std::string& name);

}  // namespace contend::loadgen
