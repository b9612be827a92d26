// Small programs to explore, each under a name: broken ones, which some schedule makes fail, and
// their fixed twins, which none does. Ordinary code: it knows nothing of the explorer.
#include <cstdio>
#include <cstring>

#include "tests/explore/subjects/subjects.hpp"

int main(int count, char** arguments) {
  if (count > 1) {
    for (const Subject* subject = all_subjects(); subject->name != nullptr; ++subject) {
      if (std::strcmp(subject->name, arguments[1]) == 0) return subject->run();
    }
  }
  std::fprintf(stderr, "no such subject\n");
  return 64;
}
