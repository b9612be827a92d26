#!/usr/bin/env python3
"""Every command of the README runs, and ends as the README says.

    readme.py ROOT BIN      runs each line that begins with "$ " in the README's console blocks, in order,
                            with the programs of BIN in front of PATH
    readme.py --self-test   plants a README with a command that fails and must find it

A line may say how its command ends: `$ loadgen …   # exit 2`. The two commands that install and build
are run by CI itself, and a command that starts with a path of the clone is only checked for existing.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"```console\n(.*?)```", re.S)
BUILDS = ("cmake ", "./ci/demo", "./ci/test", "git clone", "cd ")


def commands(text):
    """(command, expected exit code) in order. A line ending in a backslash goes on; so does a here-document."""
    for block in BLOCK.findall(text):
        lines = iter(re.sub(r"\\\n\s*", "", block).splitlines())
        for line in lines:
            if not line.startswith("$ "):
                continue
            command, _, said = re.sub(r"\s+# exit (\d+)$", r"\0\1", line[2:]).partition("\0")
            if document := re.search(r"<<'(\w+)'$", command):
                for more in lines:
                    command += "\n" + more
                    if more == document.group(1):
                        break
            yield command, int(said or 0)


def failures(text, path, folder):
    env = dict(os.environ, PATH=f"{path}:{os.environ['PATH']}")
    wrong = []
    for command, expected in commands(text):
        if command.startswith(BUILDS):
            continue
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, timeout=280)
        if done.returncode != expected:
            wrong.append(f"$ {command}\nended with {done.returncode}, the README says {expected}\n{done.stderr[-2000:]}")
    return wrong


def self_test():
    text = ("```console\n$ true\nout\n$ false   # exit 1\n$ cat > a <<'END'\n$ false\nEND\n$ test -s a\n"
            "$ exit 3\n$ ./ci/demo\n```\n```sh\n$ exit 9\n```\n")
    with tempfile.TemporaryDirectory() as folder:
        found = failures(text, "/nowhere", folder)
    return [] if len(found) == 1 and "exit 3" in found[0] else [f"self-test: found {found}"]


def main():
    wrong = self_test()
    if sys.argv[1] != "--self-test":
        text = pathlib.Path(sys.argv[1], "README.md").read_text()
        lines = len(text.splitlines())
        if lines > 150:
            wrong.append(f"README.md has {lines} lines; a newcomer has 60 seconds")
        if not list(commands(text)):
            wrong.append("README.md shows no command")
        with tempfile.TemporaryDirectory() as folder:
            wrong += failures(text, sys.argv[2], folder)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
