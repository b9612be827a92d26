#include "core/report_json.hpp"

#include <cmath>
#include <type_traits>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/members.hpp>
#include <boost/json.hpp>
#include <boost/mp11/algorithm.hpp>

#include "core/check.hpp"
#include "core/file.hpp"
#include "core/json_text.hpp"
#include "core/printable.hpp"

namespace contend {

BOOST_DESCRIBE_ENUM(Verdict, skipped, passed, inconclusive, failed, errored)
BOOST_DESCRIBE_ENUM(Grade, acceptable, interesting, forbidden, unknown)
BOOST_DESCRIBE_ENUM(Better, lower, higher, neither)
BOOST_DESCRIBE_ENUM(Expect, clean, defect)
BOOST_DESCRIBE_ENUM(Level, note, warning, error)
BOOST_DESCRIBE_STRUCT(Outcome, (), (seen, count, grade, why))
BOOST_DESCRIBE_STRUCT(Metric, (), (name, value, unit, better, limit, why))
BOOST_DESCRIBE_STRUCT(Distribution, (), (name, unit, count, min, max, mean, hdr))
BOOST_DESCRIBE_STRUCT(Point, (), (t, value))
BOOST_DESCRIBE_STRUCT(Series, (), (name, unit, points))
BOOST_DESCRIBE_STRUCT(Frame, (), (function, file, line))
BOOST_DESCRIBE_STRUCT(Finding, (), (rule, level, message, stacks, labels, count, fingerprint))
BOOST_DESCRIBE_STRUCT(LaneStep, (), (lane, what, file, line, code, switched))
BOOST_DESCRIBE_STRUCT(Source, (), (file, line))
BOOST_DESCRIBE_STRUCT(Case, (),
                      (id, title, source, expect, verdict, reason, elapsed_ns, outcomes, metrics,
                       distributions, series, findings, lanes, reproduce, artifacts))
BOOST_DESCRIBE_STRUCT(Host, (), (cpus, model, kernel, compiler, sanitizer, build_type, revision))
BOOST_DESCRIBE_STRUCT(Report, (),
                      (schema, tool, version, started_utc, elapsed_ns, interrupted, host, plan,
                       cases))

namespace {

namespace json = boost::json;

template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;
template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

json::value number(double value) {
  CONTEND_CHECK(std::isfinite(value));
  if (value == std::floor(value) && std::abs(value) < 9007199254740992.0) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

template <class T>
json::value write(const T& value) {
  if constexpr (std::is_same_v<T, double>) {
    return number(value);
  } else if constexpr (std::is_enum_v<T>) {
    return json::string(boost::describe::enum_to_string(value, "unknown"));
  } else if constexpr (is_optional<T>) {
    return value ? write(*value) : json::value(nullptr);
  } else if constexpr (is_vector<T>) {
    json::array items;
    items.reserve(value.size());
    for (const auto& item : value) items.push_back(write(item));
    return items;
  } else if constexpr (std::is_same_v<T, Point>) {
    return json::array{number(value.t), number(value.value)};
  } else if constexpr (boost::describe::has_describe_members<T>::value) {
    json::object members;
    boost::mp11::mp_for_each<Members<T>>(
        [&](auto member) { members[member.name] = write(value.*member.pointer); });
    return members;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return json::string(valid_utf8(value));
  } else {
    return json::value(value);
  }
}

// Reading: each function names the member that is of another type, e.g. "cases.metrics.value".
struct WrongType {
  std::string member;
};

template <class T>
void read(const json::value& from, T& into, const std::string& where);

void read_number(const json::value& from, double& into, const std::string& where) {
  if (!from.is_number()) throw WrongType{where};
  into = from.to_number<double>();
  if (!std::isfinite(into)) throw WrongType{where};  // 1e999
}

template <class T>
void read_members(const json::value& from, T& into, const std::string& where) {
  if (!from.is_object()) throw WrongType{where};
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    if (const json::value* found = from.get_object().if_contains(member.name)) {
      read(*found, into.*member.pointer, where.empty() ? member.name : where + "." + member.name);
    }
  });
}

template <class T>
void read(const json::value& from, T& into, const std::string& where) {
  if constexpr (std::is_same_v<T, double>) {
    read_number(from, into, where);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!from.is_bool()) throw WrongType{where};
    into = from.get_bool();
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    boost::system::error_code failed;
    if (from.is_number()) into = from.to_number<std::int64_t>(failed);
    if (!from.is_number() || failed) throw WrongType{where};
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!from.is_string()) throw WrongType{where};
    into = std::string(from.get_string());
  } else if constexpr (std::is_enum_v<T>) {
    if (!from.is_string() ||
        !boost::describe::enum_from_string(std::string(from.get_string()).c_str(), into)) {
      throw WrongType{where};
    }
  } else if constexpr (is_optional<T>) {
    if (from.is_null()) {
      into.reset();
    } else {
      read(from, into.emplace(), where);
    }
  } else if constexpr (is_vector<T>) {
    if (!from.is_array()) throw WrongType{where};
    for (const json::value& item : from.get_array()) read(item, into.emplace_back(), where);
  } else if constexpr (std::is_same_v<T, Point>) {
    if (!from.is_array() || from.get_array().size() != 2) throw WrongType{where};
    read_number(from.get_array()[0], into.t, where);
    read_number(from.get_array()[1], into.value, where);
  } else if constexpr (std::is_same_v<T, json::object>) {
    if (!from.is_object()) throw WrongType{where};
    into = from.get_object();
  } else {
    read_members(from, into, where);
  }
}

}  // namespace

std::string to_json(const Report& report) {
  return json_text(write(report));
}

Expected<Report> report_from_json(std::string_view text) {
  boost::system::error_code failed;
  const json::value tree = json::parse(text, failed);
  if (failed) return world_error("not JSON: " + failed.message());
  try {
    Report report;
    report.schema.clear();
    read(tree, report, "");
    if (report.schema != report_schema) {
      return world_error("not a report of schema " + std::string(report_schema));
    }
    return report;
  } catch (const WrongType& wrong) {
    return world_error("not a report: \"" + wrong.member + "\" has another type than it should");
  }
}

Expected<void> save(const Report& report, const std::filesystem::path& path) {
  return write_file(path, to_json(report));
}

Expected<Report> load_report(const std::filesystem::path& path) {
  const Expected<std::string> text = read_file(path);
  if (!text) return text.error();
  Expected<Report> report = report_from_json(*text);
  if (!report) return world_error(path.string() + ": " + report.error().message);
  return report;
}

}  // namespace contend
