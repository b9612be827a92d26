#!/usr/bin/env python3
"""echo servers against the raw epoll server, back to back, in alternating order, one core each.

usage: server_pairs.py FOLDER-OF-BUILD [--pairs N] [--seconds T] [--servers NAME,…]

Rates of this kind of machine drift by a third within minutes, so only the ratios of the two halves of
a pair are printed: the rate, and the processor time of the server for each message. The client is the
raw one, on core 1; near 1.0 it is the limit, and the processor time decides. Servers that we did not
write (asyncio, node) run where they are installed.
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
ASYNCIO = """
import asyncio
async def serve(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
async def main():
    await (await asyncio.start_server(serve, '127.0.0.1', %d, backlog=1024)).serve_forever()
asyncio.run(main())
"""
NODE = ("require('net').createServer(s => { s.setNoDelay(true); s.on('error', () => {}); s.pipe(s); })"
        ".listen(%d, '127.0.0.1', 1024)")


def command(folder, name, port):
    """None where there is no such program."""
    if name == "raw":
        return [folder / "bin/raw_server", str(port)]
    if name == "asyncio":
        return [sys.executable, "-c", ASYNCIO % port]
    if name == "node":
        return ["node", "-e", NODE % port] if shutil.which("node") else None
    # One loop, as the raw server has.
    return [folder / "bin/echo-server", "--model", name, "--threads", "1", "--port", str(port)]


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_it_listens(port):
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
    sys.exit("a server did not start")


def half(folder, name, connections, size, seconds):
    """Messages a second, and microseconds of the server's processor for each."""
    port = random.randint(20000, 32000)
    server = subprocess.Popen(["taskset", "-c", "0", *command(folder, name, port)],
                              stdout=subprocess.DEVNULL)
    try:
        wait_until_it_listens(port)
        before = cpu_seconds(server.pid)
        done = subprocess.run(["taskset", "-c", "1", folder / "bin/raw_client", str(port),
                               str(connections), str(size), "1", str(seconds)],
                              capture_output=True, text=True, check=True)
        rate = float(re.match(r"(\d+) messages/s", done.stdout).group(1))
        return rate, 1e6 * (cpu_seconds(server.pid) - before) / (rate * seconds)
    finally:
        server.terminate()
        server.wait()


def own_scheduler_group():
    os.setsid()
    try:
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    except OSError as refused:
        print("no scheduler group of our own:", refused, file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--servers", default=",".join(MODELS + ["node", "asyncio"]))
    asked = parser.parse_args()
    if os.fork() != 0:
        sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
    own_scheduler_group()
    for title, *load in CASES:
        for name in asked.servers.split(","):
            if command(asked.folder, name, 0) is None:
                continue
            rate, cpu = [], []
            for i in range(asked.pairs):
                order = ["raw", name] if i % 2 == 0 else [name, "raw"]
                halves = {each: half(asked.folder, each, *load, asked.seconds) for each in order}
                rate.append(halves[name][0] / halves["raw"][0])
                cpu.append(halves[name][1] / halves["raw"][1])
            print(f"{title:12} {name:10} rate {statistics.median(rate):.2f} ({min(rate):.2f} to "
                  f"{max(rate):.2f})   CPU a message {statistics.median(cpu):.2f} ({min(cpu):.2f} to "
                  f"{max(cpu):.2f})", flush=True)


main()
