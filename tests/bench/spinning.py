#!/usr/bin/env python3
"""The latency of one connection whose two sides never sleep: loadgen against a raw client, and the same server.

usage: spinning.py FOLDER [--pairs N] [--seconds T] [--engine uring]

FOLDER is that of loadgen and spinning_pair. Back to back, in alternating order, one core each.
"""
import argparse
import json
import pathlib
import random
import re
import statistics
import subprocess
import tempfile
import time


def raw(folder, port, seconds):
    done = subprocess.run(["taskset", "-c", "1", folder / "spinning_pair", "drive", str(port), str(seconds)],
                          capture_output=True, text=True, check=True)
    return tuple(float(each) for each in re.match(r"p50 ([\d.]+) us, p99 ([\d.]+) us", done.stdout).groups())


def loadgen(folder, port, seconds, engine):
    chosen = ["--engine", engine] if engine else []
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run(["taskset", "-c", "1", folder / "loadgen", *chosen, "-c", "1", "-d", f"{seconds}s", "--pacer", "spin",
                        "--json", file.name, f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, check=True)
        case = json.load(open(file.name))["cases"][0]
    value = {each["name"]: each["value"] for each in case["metrics"]}
    return value["service_p50_ns"] / 1e3, value["service_p99_ns"] / 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--engine", choices=("asio", "uring"), help="else the one that loadgen chooses")
    asked = parser.parse_args()
    port = random.randint(20000, 32000)
    server = subprocess.Popen(["taskset", "-c", "0", asked.folder / "spinning_pair", "serve", str(port)])
    try:
        time.sleep(0.2)
        sides = {"raw": lambda: raw(asked.folder, port, asked.seconds),
                 "loadgen": lambda: loadgen(asked.folder, port, asked.seconds, asked.engine)}
        rounds = []
        for i in range(asked.pairs):
            order = list(sides) if i % 2 == 0 else list(reversed(sides))
            rounds.append({side: sides[side]() for side in order})
        for at, quantile in enumerate(("p50", "p99")):
            of = {side: statistics.median(each[side][at] for each in rounds) for side in sides}
            ratio = sorted(each["loadgen"][at] / each["raw"][at] for each in rounds)
            print(f"{quantile}   raw {of['raw']:6.2f} us   loadgen {of['loadgen']:6.2f} us   "
                  f"ratio {statistics.median(ratio):.3f} ({ratio[0]:.2f} to {ratio[-1]:.2f})")
    finally:
        server.terminate()
        server.wait()


main()
