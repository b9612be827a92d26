// Stands in for the bundle where npm cannot make it: the page then has its tables and no charts.
#include "ci/render/page_assets.hpp"

namespace contend::ci {

std::string_view page_script() {
  return "";
}

std::string_view page_script_style() {
  return "";
}

std::string_view page_licences() {
  return "";
}

}  // namespace contend::ci
