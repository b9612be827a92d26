// In a shared library: a count that forgets.
#include "tests/explore/subjects/counting.hpp"

int counted = 0;

void count_one() {
  const int now = counted;
  counted = now + 1;
}
