#!/usr/bin/env python3
"""Very many clients at once: all of them served, and what one costs loadgen in memory.

usage: connections.py FOLDER-OF-PROGRAMS [--clients N]

As many echo-servers and loadgen workers as their descriptors ask for, on loopback; the clients come within 8 s, since
the kernel resets some of so many that wait to be accepted at once. Then the memory that one
loadgen has of its own (RssAnon) with few clients and with as many as one process may have, and the
difference for each client.
"""
import argparse
import contextlib
import json
import pathlib
import resource
import subprocess
import sys
import time

FEW = 100


def raise_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@contextlib.contextmanager
def servers(folder, count):
    started = [subprocess.Popen([folder / "echo-server", "--port", "0"], stdout=subprocess.PIPE, text=True)
               for _ in range(count)]
    try:
        yield ["127.0.0.1:" + each.stdout.readline().rsplit(":", 1)[1].strip() for each in started]
    finally:
        for each in started:
            each.terminate()
            each.wait()


def serve_all(folder, clients, processes):
    with servers(folder, processes) as targets:
        return subprocess.run([folder / "loadgen", "-c", str(clients), "-n", str(2 * clients), "--workers",
                               str(processes), "--timeout", "60s", "--ramp", "8s", "--source-ip", "127.0.0.0/8",
                               *targets]).returncode


def memory(folder, clients):
    """KiB of a loadgen all of whose clients are connected; its latencies are not looked at."""
    with servers(folder, 1) as [target]:
        ours = subprocess.Popen([folder / "loadgen", "-c", str(clients), "-R", "1k", "-d", "60s", "--timeout", "60s",
                                 "--json-stream", "-", target], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                text=True)
        # The schedule begins when all are connected.
        while json.loads(ours.stdout.readline())["answered"] == 0:
            pass
        status = pathlib.Path(f"/proc/{ours.pid}/status").read_text()
        ours.kill()
        ours.wait()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--clients", type=int, default=100_000)
    asked = parser.parse_args()
    most = raise_limit() - 100
    began = time.monotonic()
    failed = serve_all(asked.folder, asked.clients, -(-asked.clients // most))
    print(f"{asked.clients:,} clients, {time.monotonic() - began:.0f} s in all")
    many = min(most, asked.clients)
    few, all_of_them = memory(asked.folder, FEW), memory(asked.folder, many)
    print(f"{many:,} clients in one process: {1024 * (all_of_them - few) / (many - FEW):,.0f} bytes each")
    sys.exit(failed)


if __name__ == "__main__":
    main()
