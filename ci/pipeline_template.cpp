// The file that `contend init` writes.
#include "ci/pipeline_file.hpp"

namespace contend::ci {

std::string_view pipeline_template() {
  return R"(# What `contend run contend.toml` runs, from top to bottom. Every step is a process of its own with a
# time budget; one that fails, crashes or hangs becomes a case of the report and stops nothing else.
# Paths are named from this file's folder.

budget = "2m"                     # of a step that names none

# Held against the metrics of the cases that the pattern before the colon names. Times as 5ms, rates as
# 10k. A limit that nothing could be held against is inconclusive, never passed.
limits = [
  "loadgen/*:errors<=0",
]

# baseline = "baseline.json"      # an earlier report: new findings, lost cases and worse metrics fail
# known = "known-findings.txt"    # reviewed findings, one a line: FINGERPRINT reason

# A server under test: a command that listens on {port}, or the address of one that runs already. One
# that is built with ThreadSanitizer is stopped gently and its races are attached to the load.
[[server]]
name = "example"
command = "echo-server --model coroutine --port {port}"
# address = "127.0.0.1:8080"

# Load against one server, or against each where none is named. options are loadgen's.
[[load]]
name = "c100"
# server = "example"
options = "-c 100 -n 10000"
# budget = "1m"
# expect = "defect"               # passes when it finds something: for a server broken on purpose
# expect = "tsan.data-race"       # passes when it finds this, and fails when it finds anything else

# An experiment of `races list`.
[[experiment]]
name = "lost_update"
# modes = "native,tsan"

# Any command: it passes with exit code 0 and no finding in its sanitizers' output. The tests of ctest are
# listed one by one; those of another command where it writes JUnit XML and `junit` names the file.
# [[suite]]
# name = "unit"
# command = "ctest --test-dir build/tsan"
# junit = "junit.xml"
)";
}

}  // namespace contend::ci
