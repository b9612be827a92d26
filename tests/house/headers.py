#!/usr/bin/env python3
"""Every header compiles alone.

    headers.py ROOT BUILD   compiles each header of ROOT by itself, with the flags BUILD uses; a header
                            that a source built there includes before all else has shown it already
    headers.py --self-test  plants a header that needs another first and must find it
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOMS = ("core", "server", "loadgen", "races", "ci")
KEEP = ("-I", "-D", "-std", "-isystem", "-f")


def flags_by_folder(build):
    """The most flags that a source of each folder has: what its headers are used with."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        kept, take_next = [], False
        for word in words:
            if take_next or word.startswith(KEEP):
                kept.append(word)
            take_next = word == "-isystem"
        folder = pathlib.Path(entry["file"]).parent
        flags[folder] = max(flags.get(folder, []), kept, key=len)
    return flags


def first_include(source):
    """The header that SOURCE includes before all else, as it names it, or nothing."""
    line = next((line for line in source.read_text().splitlines() if line.startswith("#include")), "")
    return line.split('"')[1] if '"' in line else None


def already_shown(root, build):
    """The headers that begin a source which BUILD compiles."""
    built = (pathlib.Path(entry["file"]) for entry in json.loads((build / "compile_commands.json").read_text()))
    return {root / first for first in (first_include(source) for source in built if source.is_file()) if first}


def compile_alone(header, flags):
    done = subprocess.run(["g++", *flags, "-fsyntax-only", "-x", "c++", "-include", str(header), "/dev/null"],
                          capture_output=True, text=True)
    first = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr[:200])
    return None if done.returncode == 0 else f"{header}: {first}"


def check(jobs):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [wrong for wrong in pool.map(lambda job: compile_alone(*job), jobs) if wrong]


def jobs(root, build):
    flags, shown = flags_by_folder(build), already_shown(root, build)
    for room in ROOMS:
        for header in sorted((root / room).rglob("*.hpp")):
            if header in shown:
                continue
            folder = header.parent
            while folder not in flags and folder != root:
                folder = folder.parent
            yield header, flags.get(folder, ["-std=c++20", f"-I{root}", f"-I{build}/generated"])


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        good, bad = pathlib.Path(folder, "good.hpp"), pathlib.Path(folder, "bad.hpp")
        good.write_text("#pragma once\n#include <string>\nstd::string f();\n")
        bad.write_text("#pragma once\nstd::string g();\n")
        found = check([(good, ["-std=c++20"]), (bad, ["-std=c++20"])])
        wrong = [] if len(found) == 1 and "bad.hpp" in found[0] else [f"self-test: found {found}"]
        for text, first in (('// a\n#include "good.hpp"\n#include "bad.hpp"\n', "good.hpp"),
                            ('#include <string>\n\n#include "bad.hpp"\n', None)):
            source = pathlib.Path(folder, "source.cpp")
            source.write_text(text)
            if first_include(source) != first:
                wrong.append(f"self-test: {text!r} begins with {first_include(source)}")
    return wrong


def main():
    wrong = self_test()
    if sys.argv[1] != "--self-test":
        wrong += check(list(jobs(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
