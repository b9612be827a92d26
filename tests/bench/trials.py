#!/usr/bin/env python3
"""Trials a second of every experiment, natively: a Markdown table.

    tests/bench/trials.py build/release/bin/races [--time 500ms] [NAME…]

`arrays` is the best of the array lengths, since the loss rate and the speed both depend on it;
`rendezvous` is one meeting a trial. Neither is there for an experiment that excludes it.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile


def rates(metrics, shape):
    prefix = f"trials_per_second_{shape}_"
    return [m["value"] for m in metrics if m["name"].startswith(prefix) and m["value"]]


def shown(values):
    return f"{max(values) / 1e6:,.2f}" if values else "–"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("races")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--time", default="500ms")
    parser.add_argument("--json", help="keep the report here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(given.json or f"{folder}/report.json")
        command = [given.races, "run", *given.names, "--modes", "native", "--time", given.time, "--json", report]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        cases = json.loads(report.read_text())["cases"]
    print("| experiment | arrays, million a second | rendezvous, million a second |\n| --- | ---: | ---: |")
    for case in cases:
        name = case["id"].removeprefix("races/").removesuffix("/native")
        if name.startswith("canary/"):
            continue
        print(f"| {name} | {shown(rates(case['metrics'], 'arrays'))} | {shown(rates(case['metrics'], 'rendezvous'))} |")
    return 0 if cases else 1


if __name__ == "__main__":
    sys.exit(main())
