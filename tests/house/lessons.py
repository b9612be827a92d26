#!/usr/bin/env python3
"""A lesson's head shows what it teaches: the command, and a table with a row for each of its experiments.

    lessons.py ROOT    reads races/catalogue; exit 1 if a head lacks one, or has one that is gone
"""
import pathlib
import re
import sys


def faults(file, text):
    head = text[:text.index("\n#include")]
    names = re.findall(r'(?:broken|fixed)<.*?>\(\s*"([\w/]+)"', text, re.DOTALL)
    if not names:
        return [f"{file}: there is no experiment in it"]
    subjects = {name.split("/")[0] for name in names}
    command = re.search(r"^//   races run (.*)$", head, re.MULTILINE)
    wrong = [f"{file}: the command does not run {subject}" for subject in sorted(subjects)
             if not command or subject not in command[1].split()]
    table = re.search(r"^//   variant +outcome.*\n((?://   .*\n?)+)", head + "\n", re.MULTILINE)
    shown = re.findall(r"^//   ([\w/]+)", table[1], re.MULTILINE) if table else []
    taught = [name if len(subjects) > 1 else name.split("/")[1] for name in names]
    wrong += [f"{file}: the table lacks {name}" for name in taught if name not in shown]
    wrong += [f"{file}: the table has {name}, which is gone" for name in shown if name not in taught]
    return wrong


def self_test():
    head = "// x\n//   races run a\n//\n// On CPUs:\n//   variant  outcome\n//   y        1\n//            2\n//   old      1\n"
    found = faults("f", head + '\n#include <x>\nfixed<Y>("a/y", "")\nbroken<Z<1>>(\n  "a/z", "")\nfixed<B>("b/y", "")')
    one = faults("f", head + '\n#include <x>\nfixed<Y>("a/y", "")\nbroken<Z<1>>(\n  "a/z", "")')
    ok = one == ["f: the table lacks z", "f: the table has old, which is gone"] and "f: the command does not run b" in found
    return [] if ok else [f"self-test: found {found} and {one}"]


def main():
    wrong = self_test()
    lessons = sorted(pathlib.Path(sys.argv[1], "races/catalogue").glob("*.cpp"))
    for path in lessons:
        if path.name != "catalogue.cpp":
            wrong += faults(path.name, path.read_text())
    if len(lessons) < 2:
        wrong.append("there are no lessons: the check is blind")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
