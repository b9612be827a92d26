#include "ci/render/headline.hpp"

#include <algorithm>

namespace contend::ci {

bool has_place(const Frame& frame) {
  return !frame.file.empty() && frame.line > 0;
}

const Frame* headline_frame(const std::vector<Frame>& stack) {
  const auto own = std::ranges::find_if(
      stack, [](const Frame& each) { return has_place(each) && each.file.front() != '/'; });
  if (own != stack.end()) return &*own;
  const auto any = std::ranges::find_if(stack, has_place);
  return any == stack.end() ? nullptr : &*any;
}

std::optional<Source> place_of(const Finding& finding, const Case& of) {
  const Frame* frame = finding.stacks.empty() ? nullptr : headline_frame(finding.stacks.front());
  if (frame != nullptr) return Source{frame->file, frame->line};
  return of.source;
}

}  // namespace contend::ci
