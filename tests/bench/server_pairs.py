#!/usr/bin/env python3
"""echo servers against the raw epoll server, back to back, one core each.

usage: server_pairs.py FOLDER-OF-BUILD [--rounds N] [--seconds T] [--servers NAME,…] [--cases TEXT]

Rates of this kind of machine drift by a third within minutes, so only ratios are printed: a round is
raw, a server, raw, the next server, … raw, and each server is compared with the mean of the two raw
runs around it. The rate, and the processor time of the server for each message, which raw_client reads
after a third of a second of warming up. The client is the raw one, on core 1; near 1.0 it is the limit,
and the processor time decides. The servers of others (tests/bench/peers) run where they could be built.
"""
import argparse
import os
import pathlib
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time

CASES = [("64 B x 50", 50, 64), ("64 B x 1000", 1000, 64), ("4 KiB x 50", 50, 4096)]
MODELS = ["coroutine", "sharded", "pool", "thread", "uring"]
PEERS = {
    "raw": ["bin/raw_server"],
    "rust thread": ["bin/rust_thread_echo"],
    "libuv": ["bin/libuv_echo"],
    "Go": ["bin/go_echo"],
    "libevent": ["bin/libevent_echo"],
    "node": ["node", "pipe_echo.js"],
    "uvloop": ["/usr/bin/python3", "streams_echo.py"],
    "asyncio": ["/usr/bin/python3", "streams_echo.py"],
}
SOURCES = pathlib.Path(__file__).parent / "peers"


def command(folder, name, port):
    """None where there is no such program."""
    if name not in PEERS:  # one of ours, with one loop, as the raw server has
        return [folder / "bin/echo-server", "--model", name, "--threads", "1", "--port", str(port)]
    program, *script = PEERS[name]
    path = folder / program if program.startswith("bin/") else pathlib.Path(shutil.which(program) or "/-")
    if name == "uvloop" and subprocess.run([path, "-c", "import uvloop"], capture_output=True).returncode:
        return None
    more = ["uvloop"] if name == "uvloop" else []
    return [path, *(SOURCES / each for each in script), str(port), *more] if path.exists() else None


def wait_until_it_listens(port):
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
    sys.exit("a server did not start")


def measure(folder, name, connections, size, seconds):
    """Messages a second, and microseconds of the server's processor for each."""
    port = random.randint(20000, 32000)
    server = subprocess.Popen(["taskset", "-c", "0", *command(folder, name, port)],
                              stdout=subprocess.DEVNULL)
    try:
        wait_until_it_listens(port)
        done = subprocess.run(["taskset", "-c", "1", folder / "bin/raw_client", str(port),
                               str(connections), str(size), "1", str(seconds), str(server.pid)],
                              capture_output=True, text=True, check=True)
        return [float(each) for each in
                re.match(r"(\d+) messages/s, .* a message, ([\d.]+) us", done.stdout).groups()]
    finally:
        server.kill()
        server.wait()


def own_scheduler_group():
    os.setsid()
    try:
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    except OSError as refused:
        print("no scheduler group of our own:", refused, file=sys.stderr)


def compare(folder, servers, load, rounds, seconds):
    """For each server the ratios of its rate and of its processor time a message, one a round."""
    rate = {name: [] for name in servers}
    cpu = {name: [] for name in servers}
    for _ in range(rounds):
        before = measure(folder, "raw", *load, seconds)
        for name in servers:
            own = measure(folder, name, *load, seconds)
            after = measure(folder, "raw", *load, seconds)
            rate[name].append(2 * own[0] / (before[0] + after[0]))
            cpu[name].append(2 * own[1] / (before[1] + after[1]))
            before = after
    return rate, cpu


def in_words(ratios):
    return f"{statistics.median(ratios):.3f} ({min(ratios):.2f} to {max(ratios):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--servers", default=",".join(MODELS + list(PEERS)[1:]))
    parser.add_argument("--cases", default="", help="only those whose title has this in it")
    asked = parser.parse_args()
    if os.fork() != 0:
        sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
    own_scheduler_group()
    servers = [name for name in asked.servers.split(",") if command(asked.folder, name, 0)]
    for title, *load in CASES:
        if asked.cases not in title:
            continue
        rate, cpu = compare(asked.folder, servers, load, asked.rounds, asked.seconds)
        for name in servers:
            print(f"{title:12} {name:11} rate {in_words(rate[name])}   CPU a message {in_words(cpu[name])}",
                  flush=True)


if __name__ == "__main__":
    main()
