#include "ci/junit_reader.hpp"

#include <cmath>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "core/printable.hpp"

namespace contend::ci {
namespace {

constexpr std::size_t most_reason = 600;
constexpr int most_nested = 16;

std::string id_of(const pugi::xml_node& test, const std::string& suite) {
  const std::string name = test.attribute("name").value();
  const std::string group = test.attribute("classname").value();
  const bool adds = !group.empty() && group != name && !name.starts_with(group + ".");
  return printable("suite/" + suite + "/" + (adds ? group + "/" : "") + name, 300);
}

/// What an element says: its message, or else the end of its text, in one line.
std::string said_in(const pugi::xml_node& node) {
  std::string text = node.attribute("message").value();
  if (text.empty()) text = node.text().get();
  if (text.size() > most_reason) text.erase(0, text.size() - most_reason);
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? "" : printable(text.substr(begin), 2 * most_reason);
}

std::int64_t elapsed_ns(const pugi::xml_node& test) {
  const double seconds = test.attribute("time").as_double();
  const bool sane = std::isfinite(seconds) && seconds > 0 && seconds < 1e9;
  return sane ? static_cast<std::int64_t>(std::llround(seconds * 1e9)) : 0;
}

/// ctest says why only in the test's output; its own message is "Failed".
std::string reason(const pugi::xml_node& test, const pugi::xml_node& element) {
  const std::string said = said_in(element);
  const std::string output = said_in(test.child("system-out"));
  if (output.empty() || said.size() > 20) return said.empty() ? "it failed" : said;
  return fmt::format("{}; it last printed: {}", said.empty() ? "it failed" : said, output);
}

Case to_case(const pugi::xml_node& test, const std::string& suite) {
  Case out{.id = id_of(test, suite),
           .title = printable(test.attribute("name").value(), 300),
           .verdict = Verdict::passed,
           .reason = "the suite says that it passed",
           .elapsed_ns = elapsed_ns(test)};
  for (const char* element : {"failure", "error"}) {
    if (!test.child(element)) continue;
    out.verdict = Verdict::failed;
    out.reason = reason(test, test.child(element));
    return out;
  }
  const std::string_view status = test.attribute("status").value();
  if (test.child("skipped") || status == "notrun" || status == "disabled") {
    out.verdict = Verdict::skipped;
    const std::string why = said_in(test.child("skipped"));
    out.reason = why.empty() ? "the suite did not run it" : why;
  }
  if (const auto file = test.attribute("file")) {
    out.source = Source{printable(file.value(), 300), test.attribute("line").as_llong()};
  }
  return out;
}

void read_suites(const pugi::xml_node& node, const std::string& suite, int depth,
                 std::vector<Case>& to) {
  for (const pugi::xml_node& test : node.children("testcase")) to.push_back(to_case(test, suite));
  if (depth == most_nested) return;
  for (const pugi::xml_node& inner : node.children("testsuite")) {
    read_suites(inner, suite, depth + 1, to);
  }
}

}  // namespace

Expected<std::vector<Case>> read_junit(std::string_view text, const std::string& suite) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size());
  if (!parsed) {
    return world_error(fmt::format("not XML at byte {}: {}", parsed.offset, parsed.description()));
  }
  const pugi::xml_node root = document.document_element();
  const std::string_view name = root.name();
  if (name != "testsuites" && name != "testsuite") {
    return world_error("its root is <" + printable(name, 60) + ">, and JUnit's is <testsuites>");
  }
  std::vector<Case> cases;
  read_suites(root, suite, 0, cases);
  return cases;
}

}  // namespace contend::ci
