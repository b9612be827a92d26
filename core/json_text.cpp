#include "core/json_text.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace contend {
namespace {

namespace json = boost::json;

void print(std::string& out, const json::value& value, std::size_t depth);

void new_line(std::string& out, std::size_t depth) {
  out += '\n';
  out.append(2 * depth, ' ');
}

void print(std::string& out, const json::object& members, std::size_t depth) {
  if (members.empty()) {
    out += "{}";
    return;
  }
  out += '{';
  const char* separator = "";
  for (const auto& [name, member] : members) {
    out += separator;
    new_line(out, depth + 1);
    out += json::serialize(json::value(name)) + ": ";
    print(out, member, depth + 1);
    separator = ",";
  }
  new_line(out, depth);
  out += '}';
}

void print(std::string& out, const json::array& items, std::size_t depth) {
  if (std::ranges::all_of(items, [](const json::value& item) { return item.is_number(); })) {
    out += json::serialize(items);
    return;
  }
  out += '[';
  const char* separator = "";
  for (const json::value& item : items) {
    out += separator;
    new_line(out, depth + 1);
    print(out, item, depth + 1);
    separator = ",";
  }
  new_line(out, depth);
  out += ']';
}

void print(std::string& out, const json::value& value, std::size_t depth) {
  if (value.is_object()) {
    print(out, value.get_object(), depth);
  } else if (value.is_array()) {
    print(out, value.get_array(), depth);
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string json_text(const json::value& value) {
  std::string out;
  print(out, value, 0);
  out += '\n';
  return out;
}

}  // namespace contend
