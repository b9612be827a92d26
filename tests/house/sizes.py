#!/usr/bin/env python3
"""No file and no function grows beyond what its neighbours need without saying why.

    sizes.py ROOT           prints each that is too long; exit 1 if there is one
    sizes.py --self-test    plants a long file and a long function and must find both

A file may be longer that holds a line `// Long because REASON` (for all of it), a function one that has
that line inside.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

FILE_LINES = 400
FUNCTION_LINES = 60
EXCUSE = "Long because "


def sources(root):
    for room in ("core", "server", "loadgen", "races", "ci", "tests"):
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".hpp", ".cpp") and path.is_file():
                yield path


def functions(paths):
    """(path, name, first line, last line) of each function in the files, as ctags sees it."""
    out = subprocess.run(
        ["ctags", "--output-format=json", "--fields=+ne", "--kinds-C++=f", "--language-force=C++", "-f", "-", "-L", "-"],
        input="\n".join(map(str, paths)), capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        tag = json.loads(line)
        yield pathlib.Path(tag["path"]), tag["name"], tag["line"], tag.get("end", tag["line"])


def too_long(root):
    wrong = []
    texts = {path: path.read_text().splitlines() for path in sources(root)}
    for path, lines in texts.items():
        if len(lines) > FILE_LINES and not any(EXCUSE in line for line in lines):
            wrong.append(f"{path.relative_to(root)}: {len(lines)} lines, more than {FILE_LINES}")
    for path, name, first, last in functions(texts):
        if last - first + 1 > FUNCTION_LINES and not any(EXCUSE in line for line in texts[path][first - 1:last]):
            wrong.append(
                f"{path.relative_to(root)}:{first}: {name} has {last - first + 1} lines, more than {FUNCTION_LINES}")
    return wrong


def self_test():
    body = "".join(f"  n += {i};\n" for i in range(FUNCTION_LINES))
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "core").mkdir()
        (root / "core/short.cpp").write_text("int f(int n) {\n  return n;\n}\n")
        (root / "core/long.cpp").write_text("int g(int n) {\n" + body + "  return n;\n}\n")
        (root / "core/excused.cpp").write_text(f"int h(int n) {{\n  // {EXCUSE}of a table\n" + body + "  return n;\n}\n")
        (root / "core/file.hpp").write_text("int k;\n" * (FILE_LINES + 1))
        found = [line.split(":")[0] for line in too_long(root)]
    return [] if found == ["core/file.hpp", "core/long.cpp"] else [f"self-test: found {found}"]


def main():
    wrong = self_test()
    if sys.argv[1] != "--self-test":
        wrong += too_long(pathlib.Path(sys.argv[1]))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
