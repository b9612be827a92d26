// The page's style and script, embedded at build time. The script is empty where npm was not at
// hand.
#pragma once

#include <string_view>

namespace contend::ci {

std::string_view page_style();
std::string_view page_script();        ///< safe inside <script>
std::string_view page_script_style();  ///< of the charting library
std::string_view page_licences();      ///< of the bundled libraries

}  // namespace contend::ci
