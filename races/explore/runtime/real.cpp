#include "races/explore/runtime/real.hpp"

#include <dlfcn.h>

namespace contend::explore {
namespace {

// Found once and never written again; the dynamic linker's state, not ours.
Real found;
bool looked = false;

void look_up() {
  looked = true;
#define CONTEND_REAL_LOOKUP(name) \
  found.name = reinterpret_cast<decltype(found.name)>(dlsym(RTLD_NEXT, #name));
  CONTEND_REAL_FUNCTIONS(CONTEND_REAL_LOOKUP)
#undef CONTEND_REAL_LOOKUP
}

}  // namespace

const Real& real() {
  if (!looked) look_up();
  return found;
}

}  // namespace contend::explore
