#include "ci/pipeline_file.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "core/printable.hpp"
#include "core/process.hpp"

namespace contend::ci {
namespace {

/// Thrown inside this file only; parse_pipeline_file() turns it into an Error.
struct Wrong {
  toml::source_region where;
  std::string what;
};

/// One table of the file, whose keys are asked for by name; what was never asked for is unknown.
class Table {
 public:
  Table(const toml::table& table, std::string name) : table_(table), name_(std::move(name)) {}

  std::string text(const char* key) {
    const toml::node* node = find(key);
    if (node == nullptr) return "";
    const auto value = node->value<std::string>();
    if (!node->is_string() || !value) throw Wrong{node->source(), say(key, "must be a string")};
    return *value;
  }

  std::string needed_text(const char* key) {
    std::string value = text(key);
    if (value.empty()) throw Wrong{table_.source(), say(key, "is missing")};
    return value;
  }

  std::vector<std::string> words(const char* key) {
    const std::string line = text(key);
    if (line.empty()) return {};
    return understood(key, split_words(line));
  }

  std::optional<Nanoseconds> duration(const char* key) {
    const std::string value = text(key);
    if (value.empty()) return std::nullopt;
    return understood(key, parse_duration(value));
  }

  /// "clean", "defect", or the rules of the findings that are expected, which go to `rules`.
  Expect expect(const char* key, std::string& rules) {
    const std::string value = text(key);
    if (value.empty() || value == "clean") return Expect::clean;
    if (value == "defect") return Expect::defect;
    if (value.find('.') == std::string::npos || value.find(' ') != std::string::npos) {
      throw Wrong{find(key)->source(),
                  say(key, "must be \"clean\", \"defect\" or rules such as \"tsan.data-race\"")};
    }
    rules = value;
    return Expect::defect;
  }

  std::vector<Limit> limits(const char* key) {
    std::vector<Limit> out;
    const toml::node* node = find(key);
    if (node == nullptr) return out;
    if (!node->is_array()) throw Wrong{node->source(), say(key, "must be an array of strings")};
    for (const toml::node& each : *node->as_array()) {
      const auto value = each.value<std::string>();
      if (!value) throw Wrong{each.source(), say(key, "must be an array of strings")};
      const Expected<Limit> limit = parse_limit(*value);
      if (!limit) throw Wrong{each.source(), limit.error().message};
      out.push_back(*limit);
    }
    return out;
  }

  /// Calls `read` for each table of an array of tables ([[key]]).
  void tables(const char* key, const std::function<void(Table&)>& read) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (!node->is_array_of_tables()) {
      throw Wrong{node->source(), fmt::format("write [[{}]], with two brackets", key)};
    }
    for (const toml::node& each : *node->as_array()) {
      Table table(*each.as_table(), fmt::format("[[{}]]", key));
      read(table);
      table.refuse_the_rest();
    }
  }

  /// A key that nobody asked for is a typing mistake.
  void refuse_the_rest() const {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(asked_, key.str()) != asked_.end()) continue;
      throw Wrong{key.source(),
                  fmt::format("unknown key \"{}\" in {}; known are {}", printable(key.str(), 60),
                              name_, fmt::join(asked_, ", "))};
    }
  }

  [[noreturn]] void refuse(const std::string& what) const { throw Wrong{table_.source(), what}; }

 private:
  const toml::node* find(const char* key) {
    if (std::ranges::find(asked_, key) == asked_.end()) asked_.emplace_back(key);
    return table_.get(key);
  }

  std::string say(const char* key, const char* what) const {
    return fmt::format("\"{}\" in {} {}", key, name_, what);
  }

  template <class T>
  T understood(const char* key, const Expected<T>& value) {
    if (value) return *value;
    throw Wrong{find(key)->source(), fmt::format("\"{}\": {}", key, value.error().message)};
  }

  const toml::table& table_;
  std::string name_;
  std::vector<std::string> asked_;
};

/// Names become file names and parts of case ids; an experiment's may be that of one variant.
std::string name_of(Table& table, bool with_variant = false) {
  std::string name = table.needed_text("name");
  const bool plain = std::ranges::all_of(name, [with_variant](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || (c == '/' && with_variant);
  });
  if (!plain) {
    table.refuse(fmt::format("the name \"{}\" has other characters than letters, digits and -_.",
                             printable(name, 60)));
  }
  return name;
}

ServerEntry read_server(Table& table) {
  ServerEntry out{name_of(table), table.text("command"), table.text("address")};
  if (out.command.empty() == out.address.empty()) {
    table.refuse(fmt::format("the server \"{}\" needs either a command or an address", out.name));
  }
  return out;
}

LoadEntry read_load(Table& table) {
  LoadEntry out{.name = name_of(table),
                .server = table.text("server"),
                .options = table.words("options"),
                .budget = table.duration("budget")};
  out.expect = table.expect("expect", out.defect);
  return out;
}

ExperimentEntry read_experiment(Table& table) {
  ExperimentEntry out{.name = name_of(table, true)};
  if (const std::string modes = table.text("modes"); !modes.empty()) out.modes = modes;
  out.budget = table.duration("budget");
  return out;
}

SuiteEntry read_suite(Table& table) {
  SuiteEntry out{.name = name_of(table),
                 .command = table.words("command"),
                 .junit = table.text("junit"),
                 .budget = table.duration("budget")};
  out.expect = table.expect("expect", out.defect);
  if (out.command.empty()) {
    table.refuse(fmt::format("the suite \"{}\" has no command", out.name));
  }
  return out;
}

void check_servers(const PipelineFile& file, Table& root) {
  for (const LoadEntry& load : file.loads) {
    if (file.servers.empty()) root.refuse("there is a [[load]] but no [[server]]");
    const bool known =
        load.server.empty() ||
        std::ranges::find(file.servers, load.server, &ServerEntry::name) != file.servers.end();
    if (!known) {
      root.refuse(fmt::format("the load \"{}\" names the server \"{}\", which is not there",
                              load.name, printable(load.server, 60)));
    }
  }
}

PipelineFile read_file_table(const toml::table& table) {
  PipelineFile out;
  Table root(table, "the file");
  if (const auto budget = root.duration("budget")) out.budget = *budget;
  out.limits = root.limits("limits");
  out.baseline = root.text("baseline");
  out.known = root.text("known");
  root.tables("server", [&](Table& each) { out.servers.push_back(read_server(each)); });
  root.tables("load", [&](Table& each) { out.loads.push_back(read_load(each)); });
  root.tables("experiment", [&](Table& each) { out.experiments.push_back(read_experiment(each)); });
  root.tables("suite", [&](Table& each) { out.suites.push_back(read_suite(each)); });
  root.refuse_the_rest();
  check_servers(out, root);
  return out;
}

Error at(const std::string& name, const toml::source_region& where, std::string_view what) {
  return usage_error(fmt::format("{}:{}: {}", name, where.begin.line, what));
}

}  // namespace

Expected<PipelineFile> parse_pipeline_file(std::string_view text, const std::string& name) {
  try {
    return read_file_table(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return at(name, error.source(), printable(error.description(), 300));
  } catch (const Wrong& wrong) {
    return at(name, wrong.where, wrong.what);
  }
}

}  // namespace contend::ci
