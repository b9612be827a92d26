"""Google Benchmark's own compare.py (Debian: libbenchmark-tools), run on two exports of ours.

    gbench_compare.py BASE NEW

compare.py imports SciPy for its rank test, and Debian's SciPy cannot be installed beside Boost 1.81 (its
Pythran wants 1.74). Where SciPy is missing the rank test is off, and the geometric mean that is needed
besides comes from NumPy; reading, pairing and every figure are compare.py's own.
"""
import os
import runpy
import sys
import types

TOOL = "/usr/share/benchmark/compare.py"
options = ["--no-color"]
try:
    import scipy.stats  # noqa: F401
except ImportError:
    import numpy

    stats = types.ModuleType("scipy.stats")
    stats.gmean = lambda values: numpy.exp(numpy.log(values).mean(axis=0))
    stats.mannwhitneyu = None
    sys.modules["scipy"] = types.ModuleType("scipy")
    sys.modules["scipy.stats"] = stats
    options.append("--no-utest")

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(TOOL))
sys.argv = [TOOL, *options, "benchmarks", *sys.argv[1:]]
runpy.run_path(TOOL, run_name="__main__")
