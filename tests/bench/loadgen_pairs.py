#!/usr/bin/env python3
"""loadgen against the raw epoll client, back to back, in alternating order, one core each.

usage: loadgen_pairs.py FOLDER-OF-LOADGEN FOLDER-OF-RAW [--pairs N] [--seconds T] [--engine uring]
                        [--cases TEXT] [--also FOLDER-OF-ANOTHER-LOADGEN]

Rates of this kind of machine drift by a third within minutes, so only the ratio of the two halves of
a pair is worth printing, and two builds compare only as two lines of one run. What loadgen counts begins with
its first connection, what the raw client counts after its last: in a second of 1,000 clients that is a
twentieth. Run it alone: it takes a
session and the scheduler group of its own, at the highest priority it is given.
"""
import argparse
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

CASES = [("64 B x 50", 50, 64, 1), ("64 B x 1000", 1000, 64, 1), ("4 KiB x 50", 50, 4096, 1),
         ("64 B x 50, depth 16", 50, 64, 16), ("64 B x 1, depth 1024", 1, 64, 1024),
         ("64 B x 1", 1, 64, 1)]


def own_scheduler_group():
    os.setsid()
    try:
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    except OSError as refused:
        print("no scheduler group of our own:", refused, file=sys.stderr)


def raw(folder, port, connections, size, depth, seconds):
    done = subprocess.run(["taskset", "-c", "1", folder / "raw_client", str(port), str(connections),
                           str(size), str(depth), str(seconds)], capture_output=True, text=True,
                          check=True)
    rate, cpu = re.match(r"(\d+) messages/s, ([\d.]+) us", done.stdout).groups()
    return float(rate), float(cpu)


def cpu_of(pid):
    """Nanoseconds, of all its threads."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


def loadgen(folder, port, connections, size, depth, seconds, engine):
    chosen = ["--engine", engine] if engine else []
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        ours = subprocess.Popen(["taskset", "-c", "1", folder / "loadgen", *chosen, "-c", str(connections), "-s", str(size),
                                 "-p", str(depth), "-d", f"{seconds}s", "--json", file.name, f"127.0.0.1:{port}"],
                                stdout=subprocess.DEVNULL)
        # From outside, since loadgen does not count as work what it waits awake.
        time.sleep(0.25 * seconds)
        start, before = time.monotonic(), cpu_of(ours.pid)
        time.sleep(0.65 * seconds)
        share = (cpu_of(ours.pid) - before) / 1e9 / (time.monotonic() - start)
        if ours.wait() != 0:
            raise SystemExit("loadgen failed")
        case = json.load(open(file.name))["cases"][0]
    rate = next(each["value"] for each in case["metrics"] if each["name"] == "throughput_per_second")
    return rate, 1e6 * share / rate


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("loadgen_folder", type=pathlib.Path)
    parser.add_argument("raw_folder", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--engine", choices=("asio", "uring"), help="else the one that loadgen chooses")
    parser.add_argument("--cases", default="", help="only those whose title has this in it")
    parser.add_argument("--also", type=pathlib.Path, help="another build, in the same rounds")
    asked = parser.parse_args()
    builds = [asked.loadgen_folder] + ([asked.also] if asked.also else [])
    if os.fork() != 0:
        sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
    own_scheduler_group()
    port = random.randint(20000, 32000)
    server = subprocess.Popen(["taskset", "-c", "0", asked.raw_folder / "raw_server", str(port)])
    try:
        time.sleep(0.2)
        for title, *load in CASES:
            if asked.cases not in title:
                continue
            rounds = []
            for i in range(asked.pairs):
                results = {}
                for folder in [None, *builds] if i % 2 == 0 else [*reversed(builds), None]:
                    if folder is None:
                        results[folder] = raw(asked.raw_folder, port, *load, asked.seconds)
                    else:
                        results[folder] = loadgen(folder, port, *load, asked.seconds, asked.engine)
                rounds.append(results)
            for folder in builds:
                rate = sorted(r[folder][0] / r[None][0] for r in rounds)
                cpu = sorted(r[folder][1] / r[None][1] for r in rounds)
                absolute = statistics.median(r[folder][0] for r in rounds)
                print(f"{title:22} rate {statistics.median(rate):.3f} ({rate[0]:.2f} to {rate[-1]:.2f})"
                      f"   CPU a message {statistics.median(cpu):.3f} ({cpu[0]:.2f} to {cpu[-1]:.2f})"
                      f"   {absolute:,.0f} messages/s{f'   {folder}' if asked.also else ''}", flush=True)
    finally:
        server.terminate()
        server.wait()


main()
