// Reports made by hand for the renderers: the same on every machine, on every day.
#pragma once

#include "core/report.hpp"

namespace contend::ci {

Report passing_report();
Report mixed_report();  ///< one case of each verdict, and a race with both stacks
Report empty_report();
Report hostile_report();  ///< every text that came from outside tries to break out

}  // namespace contend::ci
