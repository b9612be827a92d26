#!/usr/bin/env python3
"""`cmake --preset X && ctest`, typed in a source root: tests run, a compile error and a failing test fail.

    plain_ctest.py ROOT     builds three small projects around ROOT/cmake/plain_ctest.cmake
"""
import pathlib
import subprocess
import sys
import tempfile

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(small LANGUAGES CXX)
include(CTest)
add_subdirectory(tests)
include({root}/cmake/plain_ctest.cmake)
"""
TESTS = "add_executable(small small.cpp)\nadd_test(NAME small COMMAND small)\n"
EXPECTED = (("int main() { return 0; }\n", True), ("int main() { return 1; }\n", False), ("int main() {\n", False))


def ctest_passes(root, program):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder)
        (source / "tests").mkdir()
        (source / "CMakeLists.txt").write_text(PROJECT.format(root=root))
        (source / "tests/CMakeLists.txt").write_text(TESTS)
        (source / "tests/small.cpp").write_text(program)
        subprocess.run(["cmake", "-G", "Ninja", "-S", ".", "-B", "build/x"], cwd=source, check=True, capture_output=True)
        done = subprocess.run(["ctest"], cwd=source, capture_output=True, text=True)
        return done.returncode == 0 and "0 tests failed out of 1" in done.stdout


def main():
    wrong = [f"{program!r}: expected {'success' if good else 'failure'}"
             for program, good in EXPECTED if ctest_passes(sys.argv[1], program) != good]
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
