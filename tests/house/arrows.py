#!/usr/bin/env python3
"""Rooms know core and themselves, nobody else. Reads every include and every USES of the build files.

    arrows.py ROOT          prints each forbidden arrow with file and line; exit 1 if there is one
    arrows.py --self-test   plants forbidden arrows and must find exactly those
"""
import pathlib
import re
import sys
import tempfile

ROOMS = ("core", "server", "loadgen", "races", "ci")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([a-z_]+)/')
USES = re.compile(r"\bUSES\s+([a-z_ ]+)")
PARTS = ("asio", "tls")  # other people's code, compiled in core's folder


def allowed(room, other):
    return other == room or other == "core" or other.startswith(room + "_") or other in PARTS


def arrows(root):
    """Yields (file, line, room, other) for every arrow between two rooms."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".hpp", ".cpp", ".h", ".c"):
                pattern, pick = INCLUDE, lambda match: [match.group(1)]
            elif path.name == "CMakeLists.txt":
                pattern, pick = USES, lambda match: match.group(1).split()
            else:
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = pattern.search(line)
                for other in pick(match) if match else []:
                    if other.split("_")[0] in (*ROOMS, "tests") or path.name == "CMakeLists.txt":
                        yield path.relative_to(root), number, room, other


def forbidden(root):
    return [f"{path}:{line}: {room} may not know {other}"
            for path, line, room, other in arrows(root) if not allowed(room, other)]


def self_test():
    planted = {
        "core/a.hpp": '#include "core/b.hpp"\n#include "server/x.hpp"\n',
        "server/a.cpp": '#include "core/a.hpp"\n#include "loadgen/a.hpp"\n#include <vector>\n',
        "races/explore/a.cpp": '#include "races/a.hpp"\n#include "tests/support/a.hpp"\n',
        "ci/CMakeLists.txt": "contend_library(ci USES core)\ncontend_program(x USES ci races)\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in planted.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        found = forbidden(root)
    expected = ["core/a.hpp:2: core may not know server", "server/a.cpp:2: server may not know loadgen",
                "races/explore/a.cpp:2: races may not know tests", "ci/CMakeLists.txt:2: ci may not know races"]
    return [] if found == expected else [f"self-test: found {found}, planted {expected}"]


def main():
    wrong = self_test()
    if sys.argv[1] != "--self-test":
        root = pathlib.Path(sys.argv[1])
        if not list(arrows(root)):
            wrong.append("no include was read: the check is blind")
        wrong += forbidden(root)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
