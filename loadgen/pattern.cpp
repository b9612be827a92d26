// The regular expressions of scripts. Boost's, since the standard library's recurse once a byte,
// which a long answer turns into a crash.
#include <stdexcept>

#include <boost/regex.hpp>

#include "loadgen/script.hpp"

namespace contend::loadgen {
namespace {

class PerlPattern final : public Pattern {
 public:
  explicit PerlPattern(const std::string& text) : regex_(text, boost::regex::perl) {}

  Match search(std::string_view text) const override {
    try {
      boost::cmatch found;
      if (!boost::regex_search(text.data(), text.data() + text.size(), found, regex_)) return {};
      return {true, found.size() > 1 ? found[1].str() : std::string()};
    } catch (const std::runtime_error&) {
      return {};  // its complexity has grown beyond bounds
    }
  }

 private:
  boost::regex regex_;
};

}  // namespace

Expected<std::shared_ptr<const Pattern>> Pattern::compile(const std::string& text) {
  try {
    return std::shared_ptr<const Pattern>(std::make_shared<PerlPattern>(text));
  } catch (const std::runtime_error& error) {
    return usage_error(error.what());
  }
}

}  // namespace contend::loadgen
