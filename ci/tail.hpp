// What a program last said before it broke, for the reason of its case.
#pragma once

#include <filesystem>
#include <string>

namespace contend::ci {

/// "; it last printed: …" with the end of a log in one printable line, or "; it printed nothing".
std::string last_words(const std::filesystem::path& log);

}  // namespace contend::ci
