#!/usr/bin/env python3
"""Every source is as clang-format leaves it, and every script parses.

    format.py ROOT          prints what differs; exit 1 if something does
    format.py --self-test   plants a badly formatted file and a broken script and must find both
"""
import pathlib
import subprocess
import sys
import tempfile


def tracked(root):
    listed = subprocess.run(["git", "-C", str(root), "ls-files"], capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        return [root / name for name in listed.stdout.splitlines() if (root / name).is_file()]
    return [path for path in root.rglob("*") if path.is_file() and "build" not in path.parts]


def is_shell(path):
    with path.open("rb") as file:
        return file.readline().startswith(b"#!/usr/bin/env bash")


def wrong_files(root, files):
    sources = [str(path) for path in files if path.suffix in (".hpp", ".cpp")]
    done = subprocess.run(["clang-format", f"--style=file:{root}/.clang-format", "--dry-run", "-Werror", *sources],
                          capture_output=True, text=True)
    wrong = [line for line in done.stderr.splitlines() if "error:" in line]
    if done.returncode != 0 and not wrong:
        wrong.append(done.stderr or "clang-format fails")
    for path in files:
        if not is_shell(path):
            continue
        done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True)
        if done.returncode != 0:
            wrong.append(done.stderr.splitlines()[0] if done.stderr else str(path))
    return wrong


def self_test(style):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / ".clang-format").write_text(style)
        (root / "bad.cpp").write_text("int   main( ){return 0 ;}\n")
        (root / "good.cpp").write_text("int n = 0;\n")
        (root / "bad").write_text("#!/usr/bin/env bash\nif true; then\n")
        found = wrong_files(root, sorted(root.iterdir()))
    return [] if {name for line in found for name in ("bad.cpp", "/bad:") if name in line} == {"bad.cpp", "/bad:"} \
        and "good" not in str(found) else [f"self-test: found {found}"]


def main():
    root = pathlib.Path(__file__).resolve().parents[2] if sys.argv[1] == "--self-test" else pathlib.Path(sys.argv[1])
    wrong = self_test((root / ".clang-format").read_text())
    if sys.argv[1] != "--self-test":
        wrong += wrong_files(root, tracked(root))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
