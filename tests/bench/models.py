#!/usr/bin/env python3
"""The models of echo-server beside each other: throughput, tail latency, memory and processor.

usage: models.py FOLDER-OF-BUILD [--rounds N] [--seconds T] [--html FILE]

Prints a table in Markdown, and draws it as a page. loadgen, verifying every byte, is on core 1, the server
with one loop (`pool`, `sharded`, `uring`: --threads 1) on core 0; the models take turns within each round,
so that a drift of the machine meets all alike. Medians of the rounds. Memory is what the process has of its
own (RssAnon) for each of 1,000 connections that have been answered once and are idle.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile

from server_pairs import own_scheduler_group

MODELS = ["sequential", "thread", "pool", "coroutine", "sharded", "uring"]
LOADS = [50, 1000]
IDLE = 1000
COLUMNS = {"rate": "messages/s", "p99": "p99", "p999": "p99.9", "cpu": "CPU a message"}


@contextlib.contextmanager
def serving(folder, model):
    server = subprocess.Popen(["taskset", "-c", "0", folder / "bin/echo-server", "--model", model,
                               "--threads", "1", "--port", "0", "--drain", "1s"],
                              stdout=subprocess.PIPE, text=True)
    try:
        yield server.pid, int(server.stdout.readline().rsplit(":", 1)[1])
    finally:
        server.kill()
        server.wait()


def load(folder, model, connections, seconds):
    with serving(folder, model) as (pid, port), tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run(["taskset", "-c", "1", folder / "bin/loadgen", "-c", str(connections), "-d", f"{seconds}s",
                        "--warmup", "0.3s", "--timeout", "2s", "--attach", str(pid), "--json", file.name,
                        f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL)
        case = json.load(open(file.name))["cases"][0]
    metric = {each["name"]: each["value"] for each in case["metrics"]}
    return {"rate": metric["throughput_per_second"], "p99": metric["intended_p99_ns"],
            "p999": metric["intended_p999_ns"],
            "cpu": 1e9 * metric["server_cpu_seconds"] / metric["messages_answered"]}


def own_memory(pid):
    return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def memory_of_one(folder, model):
    with serving(folder, model) as (pid, port):
        def answered():
            client = socket.create_connection(("127.0.0.1", port))
            client.sendall(b"x" * 64)
            client.recv(64)
            return client
        answered().close()
        before = own_memory(pid)
        clients = [answered() for _ in range(1 if model == "sequential" else IDLE)]
        return (own_memory(pid) - before) / len(clients)


def in_words(key, value):
    if value is None:
        return "n/a"
    if key in ("p99", "p999"):
        return f"{value / 1e6:.2f} ms"
    return {"rate": f"{value:,.0f}", "cpu": f"{value / 1e3:.2f} us", "memory": f"{value / 1024:.1f} KiB"}[key]


def bars(title, key, values):
    """One panel: a bar a model, and its value beside it."""
    most = max(value or 0 for value in values.values()) or 1
    rows = [f'<h2>{title}</h2><table>']
    for model, value in values.items():
        rows.append(f'<tr><th>{model}</th><td><div style="width:{170 * (value or 0) / most:.0f}px"></div>'
                    f'<span>{in_words(key, value)}</span></td></tr>')
    return "<section>" + "".join(rows) + "</table></section>"


def page(figures, memory):
    panels = []
    for clients in LOADS:
        for key, title in (("rate", "Throughput"), ("p99", "99 % answered within"), ("cpu", "Processor a message")):
            values = {model: figures[clients][model][key] for model in figures[clients]}
            panels.append(bars(f"{title}, {clients:,} clients", key, values))
    panels.append(bars("Memory of an idle connection", "memory", memory))
    style = ("body{font:15px sans-serif;margin:24px;width:1180px;color:#222}main{display:grid;"
             "grid-template-columns:repeat(3,1fr);gap:8px 24px}h1{font-size:22px}h2{font-size:15px;margin:8px 0}"
             "th{text-align:right;font-weight:400;padding-right:8px;width:84px}td{white-space:nowrap}"
             "div{background:#3b6ea5;height:15px;display:inline-block;vertical-align:middle;max-width:170px}"
             "span{margin-left:6px;font-size:13px}")
    return (f'<!doctype html><meta charset="utf-8"><title>Models</title><style>{style}</style>'
            f'<h1>echo-server: one service, six concurrency models, 64-byte messages</h1><main>'
            + "".join(panels) + "</main>")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--html", type=pathlib.Path)
    asked = parser.parse_args()
    if os.fork() != 0:
        sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
    own_scheduler_group()
    figures = {}
    for clients in LOADS:
        rounds = [{model: load(asked.folder, model, clients, asked.seconds) for model in MODELS
                   if (model, clients) != ("sequential", 1000)} for _ in range(asked.rounds)]
        figures[clients] = {
            model: {key: statistics.median_low(each[model][key] for each in rounds)
                    if all(each[model][key] is not None for each in rounds) else None for key in COLUMNS}
            for model in rounds[0]}
    memory = {model: memory_of_one(asked.folder, model) for model in MODELS}
    head = [f"{name}, {clients:,}" for clients in LOADS for name in COLUMNS.values()]
    print("| model | " + " | ".join(head) + " | memory |\n|" + " --- |" * (len(head) + 2))
    for model in MODELS:
        cells = [in_words(key, figures[clients][model][key]) if model in figures[clients] else "–"
                 for clients in LOADS for key in COLUMNS]
        print(f"| `{model}` | " + " | ".join(cells) + f" | {in_words('memory', memory[model])} |")
    if asked.html:
        asked.html.write_text(page(figures, memory))


if __name__ == "__main__":
    main()
