#!/usr/bin/env python3
"""Every broken experiment has a fixed twin, and every planted fault a test of its own and of its absence.

    twins.py RACES ECHO-SERVER TEST-FILE   asks the programs what they have; exit 1 if one stands alone
    twins.py --self-test                   plants one without a twin and must find it
"""
import subprocess
import sys


def lonely_experiments(listing):
    """Subjects of `races list` with a broken variant and no fixed one."""
    kinds = {}
    for line in listing.splitlines():
        name, kind = line.split()[:2]
        kinds.setdefault(name.split("/")[0], set()).add(kind)
    return [f"experiment {subject} has no fixed twin"
            for subject, found in sorted(kinds.items()) if "broken" in found and "fixed" not in found]


def untested_faults(listing, tests):
    """Faults of `echo-server --list` that no test names: after the blank line, a title and a fault a line."""
    _, _, faults = listing.partition("\n\n")
    names = [line.split()[0] for line in faults.splitlines()[1:]]
    wrong = [f"fault {name} has no test" for name in names if f'"{name}:' not in tests]
    return wrong if names else ["echo-server --list named no fault: the check is blind"]


def self_test():
    found = lonely_experiments("a/x broken t\na/y fixed t\nb/x broken t\n") + untested_faults("m x\n\nfaults:\none x\ntwo y\n", '"one:0.1"')
    return [] if found == ["experiment b has no fixed twin", "fault two has no test"] else [f"self-test: found {found}"]


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main():
    wrong = self_test()
    if sys.argv[1] != "--self-test":
        races, server, tests = sys.argv[1:]
        wrong += lonely_experiments(output_of(races, "list"))
        with open(tests) as file:
            wrong += untested_faults(output_of(server, "--list"), file.read())
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
