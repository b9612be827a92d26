// Text from outside (a server's bytes, a symbol, a path) made safe for each markup. All of these go
// through core/printable.hpp first, so no control character and no broken UTF-8 gets out.
#pragma once

#include <string>
#include <string_view>

namespace contend::ci {

/// For XML and HTML, element text and attribute values alike. One line.
std::string escape_xml(std::string_view text);

/// The same, keeping line ends.
std::string escape_xml_block(std::string_view text);

/// For a Markdown sentence or table cell: no markup, no HTML, no mention takes effect.
std::string escape_markdown(std::string_view text);

/// A Markdown code span, safe in a table cell too; "–" for an empty text.
std::string markdown_code(std::string_view text);

/// A fenced Markdown code block whose fence the text cannot close.
std::string markdown_block(std::string_view text);

}  // namespace contend::ci
