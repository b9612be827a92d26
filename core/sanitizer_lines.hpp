// The lines a sanitizer's report is made of, one at a time: frames and section headers, as printed
// by g++'s and clang's ThreadSanitizer and by Go. What they add up to is sanitizer_report's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/report.hpp"

namespace contend {

/// The option that makes every frame of any ThreadSanitizer program unambiguous: its fields, with
/// the byte 0x1f between them.
inline constexpr std::string_view tsan_frame_format =
    "    \x1f%n\x1f%p\x1f%f\x1f%s\x1f%l\x1f%c\x1f%m\x1f%o";

/// "    #0 bump(int) /src/a.cpp:7:35 (a.out+0xd4a1f) (BuildId: 6b…)" or the separated form. None
/// if the line is no frame. Unknown parts stay empty.
std::optional<Frame> parse_frame(std::string_view line);

/// Go's second line of a frame, "      /src/a.go:12 +0x3a", goes into `frame`.
bool parse_go_place(std::string_view line, Frame& frame);

/// A section's header for people: "Previous write of size 4 at 0x7b04 by thread T1:" becomes
/// "previous write of 4 bytes by thread T1". No addresses, no thread ids of the system.
std::string section_label(std::string_view header);

/// "data race on vptr (ctor/dtor vs virtual call)" becomes the runtime's own identifier,
/// "data-race-vptr".
std::string kind_id(std::string_view kind);

std::string_view trimmed(std::string_view text);

}  // namespace contend
