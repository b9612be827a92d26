#include "races/runner/wire.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <unistd.h>

// The linker's: where the program begins and where its code ends.
extern "C" char __executable_start;  // NOLINT
extern "C" char etext;               // NOLINT

namespace contend::races {
namespace {

void write_all(const char* text, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(STDOUT_FILENO, text, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text += written;
    size -= static_cast<std::size_t>(written);
  }
}

/// Not at the end of what an experiment may have printed.
void write_line(std::string text) {
  text.insert(0, 1, '\n');
  text += '\n';
  write_all(text.data(), text.size());
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\';
    if (byte < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + "\"";
}

template <class List, class Function>
std::string array_of(const List& list, Function function) {
  std::string out = "[";
  for (const auto& each : list) out += (out.size() > 1 ? "," : "") + function(each);
  return out + "]";
}

const char* text_of(Grade grade) {
  switch (grade) {
    case Grade::acceptable:
      return "acceptable";
    case Grade::interesting:
      return "interesting";
    case Grade::forbidden:
      return "forbidden";
  }
  return "";
}

const char* text_of(Sight sight) {
  switch (sight) {
    case Sight::sees:
      return "sees";
    case Sight::blind:
      return "blind";
    case Sight::false_alarm:
      return "false_alarm";
  }
  return "";
}

/// Offset into the program, or none for the frames of libraries.
bool offset_of(void* frame, std::uintptr_t& offset) {
  const auto address = reinterpret_cast<std::uintptr_t>(frame);
  const auto start = reinterpret_cast<std::uintptr_t>(&__executable_start);
  if (address < start || address >= reinterpret_cast<std::uintptr_t>(&etext)) return false;
  offset = address - start;
  return true;
}

/// Without allocation. The first two frames are the signal handler and what called it, the third is
/// where the signal came; the others are where calls return to, which may be the next line.
std::size_t format_frames(char* into, std::size_t size, void* const* frames, int depth) {
  std::size_t used = 0;
  for (int i = 2; i < depth && used + 32 < size; ++i) {
    std::uintptr_t offset = 0;
    if (!offset_of(frames[i], offset)) continue;
    if (i > 2) --offset;
    const int printed =
        std::snprintf(into + used, size - used, "%s\"0x%zx\"", used > 0 ? "," : "", offset);
    used += static_cast<std::size_t>(printed);
  }
  return used;
}

std::string frames_text(const std::vector<void*>& frames) {
  std::array<char, 2048> text{};
  const auto size =
      format_frames(text.data(), text.size(), frames.data(), static_cast<int>(frames.size()));
  return "[" + std::string(text.data(), size) + "]";
}

}  // namespace

void write_experiment(const Experiment& experiment, bool is_canary) {
  const auto expectation = [](const Expectation& each) {
    return "{\"seen\":" + quoted(each.seen) + ",\"grade\":\"" + text_of(each.grade) +
           "\",\"why\":" + quoted(each.why) + "}";
  };
  const auto view = [](const View& each) {
    return "{\"lens\":" + quoted(each.lens) + ",\"sight\":\"" + text_of(each.sight) +
           "\",\"why\":" + quoted(each.why) + "}";
  };
  const std::string line = "{\"experiment\":{\"name\":" + quoted(experiment.name) +
                           ",\"title\":" + quoted(experiment.title) +
                           ",\"file\":" + quoted(experiment.file) +
                           ",\"line\":" + std::to_string(experiment.line) +
                           ",\"actors\":" + std::to_string(experiment.body.actors.size()) +
                           ",\"broken\":" + (experiment.is_broken ? "true" : "false") +
                           ",\"canary\":" + (is_canary ? "true" : "false") +
                           ",\"counts_to\":" + std::to_string(experiment.counts_to) +
                           ",\"expectations\":" + array_of(experiment.expectations, expectation) +
                           ",\"views\":" + array_of(experiment.views, view) + "}}\n";
  write_all(line.data(), line.size());
}

void write_tally(const std::vector<Arrangement>& arrangements, bool is_done) {
  const auto count = [](const auto& each) {
    return "[" + quoted(to_text(each.first)) + "," + std::to_string(each.second) + "]";
  };
  const auto arrangement = [&](const Arrangement& each) {
    return std::string("{\"shape\":\"") + (each.is_rendezvous ? "rendezvous" : "arrays") +
           "\",\"states\":" + std::to_string(each.states) +
           ",\"elapsed_ns\":" + std::to_string(each.elapsed.count()) +
           ",\"outcomes\":" + array_of(each.counts.all(), count) + "}";
  };
  write_line(std::string("{\"tally\":{\"done\":") + (is_done ? "true" : "false") +
             ",\"arrangements\":" + array_of(arrangements, arrangement) + "}}");
}

void write_hang(const std::vector<Standing>& standings) {
  const auto standing = [](const Standing& each) {
    return "{\"actor\":" + std::to_string(each.actor) + ",\"doing\":\"" + each.doing +
           "\",\"frames\":" + frames_text(each.frames) + "}";
  };
  write_line("{\"hang\":{\"actors\":" + array_of(standings, standing) + "}}");
}

void write_crash(int signal, void* const* frames, int depth) {
  std::array<char, 2200> line{};
  const int head =
      std::snprintf(line.data(), line.size(), "\n{\"crash\":{\"signal\":%d,\"frames\":[", signal);
  std::size_t used = static_cast<std::size_t>(head);
  used += format_frames(line.data() + used, line.size() - used - 8, frames, depth);
  used += static_cast<std::size_t>(std::snprintf(line.data() + used, line.size() - used, "]}}\n"));
  write_all(line.data(), used);
}

}  // namespace contend::races
