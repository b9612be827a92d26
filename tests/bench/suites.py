#!/usr/bin/env python3
"""How many schedules `races explore` needs until a published buggy program fails, against SURW as
its authors publish it: a Markdown table.

    tests/bench/suites.py build/release FOLDER [NAME...] [--seeds 20] [--schedules 10000] [--strategy surw]

FOLDER holds the programs, each a .c or .cpp file, or a folder of several that make one program;
they are compiled as they are, and linked with the explorer's runtime. Those that need arguments
have a line of args.txt, after their name. SCTBench and ConVul, as the PERIOD artifact ships them
(github.com/wcventure/PERIOD, evaluation), are what the published figures are of. A failure is what
the program itself does: an abort, a crash, a deadlock, a wrong exit. A race alone is none, as it
is none there.
"""
import argparse
import concurrent.futures
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

# Without optimisation, as they are published: some have functions that lack their return.
FLAGS = ["-w", "-O0", "-g", "-fsanitize=thread", "-fno-omit-frame-pointer"]
SOURCES = (".c", ".cc", ".cpp")


def programs_in(folder):
    """{name: [source]}."""
    found = {}
    for path in sorted(folder.iterdir()):
        sources = [path] if path.is_file() else sorted(path.iterdir())
        sources = [each for each in sources if each.suffix in SOURCES]
        if sources:
            found[path.stem if path.is_file() else path.name] = sources
    return found


def arguments_in(folder):
    """{name: [argument]}."""
    path = folder / "args.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {words[0]: words[1:] for words in map(str.split, lines) if words}


def build(name, sources, runtime, folder):
    compiler = "gcc" if all(each.suffix == ".c" for each in sources) else "g++"
    objects = []
    for source in sources:
        objects.append(folder / f"{name}.{source.name}.o")
        subprocess.run([compiler, *FLAGS, "-c", source, "-o", objects[-1]], check=True)
    program = folder / name
    subprocess.run([compiler, *objects, "-Wl,--whole-archive", runtime, "-Wl,--no-whole-archive",
                    "-pthread", "-ldl", "-lm", "-o", program], check=True)
    return program


def first_failure(races, command_line, seed, asked):
    """The schedule at which it failed; None where none did."""
    with tempfile.TemporaryDirectory() as folder:
        command = [races, "explore", "--schedules", asked.schedules, "--strategy", asked.strategy, "--seed", seed,
                   "--leaks", "no", "--json", f"{folder}/report.json", "--", *command_line]
        done = subprocess.run([str(each) for each in command], cwd=folder, capture_output=True, text=True)
        if done.returncode not in (0, 1, 2):
            sys.exit(f"{command_line[0]}: races explore: exit {done.returncode}: {done.stderr}")
        case = json.loads(pathlib.Path(folder, "report.json").read_text())["cases"][0]
    failed = any(each["rule"] != "explore.data-race" for each in case["findings"])
    at = [each.get("value") for each in case["metrics"] if each["name"] == "first_failure"]
    return at[0] if failed and at else None


def published():
    """{program: mean}, as text."""
    with open(pathlib.Path(__file__).parent / "published_surw.csv", encoding="utf-8") as file:
        return {row["program"]: row["mean"] for row in csv.DictReader(line for line in file if line[0] != "#")}


def shown(mean):
    return f"{mean:,.1f}"


def number_of(mean):
    """None where the authors have none."""
    return float(mean.rstrip("*")) if mean not in ("-", "n/a") else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--schedules", default="10000")
    parser.add_argument("--strategy", default="portfolio")
    asked = parser.parse_args()
    races = (asked.build / "bin/races").resolve()
    runtime = (asked.build / "races/explore/libcontend_explore.a").resolve()
    theirs = published()
    arguments = arguments_in(asked.folder)
    ratios = []
    print("| program | found | mean schedules | median | most | SURW, published |\n| --- | --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, sources in programs_in(asked.folder).items():
            if asked.names and name not in asked.names:
                continue
            command_line = [build(name, sources, runtime, pathlib.Path(folder)), *arguments.get(name, [])]
            tries = pool.map(lambda seed: first_failure(races, command_line, seed, asked), range(1, asked.seeds + 1))
            found = [each for each in tries if each is not None]
            their_mean = theirs.get(name.removesuffix("_bad"), "n/a")
            mean = statistics.mean(found) if found else None
            figures = [shown(mean), shown(statistics.median(found)), f"{max(found):,.0f}"] if found else ["-"] * 3
            print(f"| {name} | {len(found)} of {asked.seeds} | {' | '.join(figures)} | {their_mean} |", flush=True)
            if number_of(their_mean) and len(found) == asked.seeds:
                ratios.append(mean / number_of(their_mean))
            elif number_of(their_mean):
                print(f"{name} is not in the last line: {asked.seeds - len(found)} searches found nothing", file=sys.stderr)
    if ratios:
        print(f"\n{statistics.geometric_mean(ratios):.2f} times as many schedules as published, the geometric mean of "
              f"{len(ratios)} programs; {sum(each <= 1 for each in ratios)} of them needed no more")
    return 0


if __name__ == "__main__":
    sys.exit(main())
