// JSON for people: indented text of a value. Boost.JSON parses and holds; it does not indent.
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

namespace contend {

/// Indented by two; arrays of plain numbers stay on one line; ends in a newline.
std::string json_text(const boost::json::value& value);

}  // namespace contend
