#!/usr/bin/env python3
"""Prints the outcome table at the head of each lesson again, out of a report.

    races run --modes native,tsan --json report.json
    tests/bench/lessons.py report.json races/catalogue/*.cpp

A table lists what was seen, most frequent first, and every outcome that must not be.
"""
import json
import pathlib
import re
import sys

MOST_ROWS = 4
HEADINGS = ("variant", "outcome", "count", "share", "grade", "tsan")


def percent(part, whole):
    value = 100 * part / whole
    return f"{value:.1f} %" if value >= 9.95 else f"{value:.2g} %"


def sight(case):
    """What ThreadSanitizer said, as the last table of `races run` puts it."""
    if case is None or case["verdict"] != "passed":
        return case["verdict"] if case else "not run"
    if case["expect"] == "clean":
        return "blind" if case["reason"].startswith("blind") else "silent"
    return "false alarm" if case["reason"].startswith("a false alarm") else "sees it"


def rows_of(name, native, tsan):
    outcomes = [o for o in native["outcomes"] if o["count"] or o["grade"] == "forbidden" and o["seen"] not in ("hang", "crash")]
    outcomes.sort(key=lambda o: -o["count"])
    shown = outcomes[:MOST_ROWS] + [o for o in outcomes[MOST_ROWS:] if not o["count"]]
    rest = [o for o in outcomes if o not in shown]
    trials = sum(o["count"] for o in outcomes if o["seen"] not in ("hang", "crash"))
    rows = [("", o["seen"], f"{o['count']:,}", "" if o["seen"] in ("hang", "crash") else percent(o["count"], trials), o["grade"], "")
            for o in shown]
    if rest:
        rows.append(("", f"{len(rest)} more", f"{sum(o['count'] for o in rest):,}", "", "", ""))
    rows[0] = (name, *rows[0][1:5], sight(tsan))
    return rows


def table_of(names, cases):
    subjects = {name.split("/")[0] for name in names}
    rows = [HEADINGS]
    for name in names:
        shown = name if len(subjects) > 1 else name.split("/")[1]
        rows += rows_of(shown, cases[f"races/{name}/native"], cases.get(f"races/{name}/tsan"))
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    lines = []
    for row in rows:
        cells = [cell.rjust(width) if i in (2, 3) else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        lines.append(("//   " + "  ".join(cells)).rstrip())
    return "\n".join(lines) + "\n"


def main():
    report = json.loads(pathlib.Path(sys.argv[1]).read_text())
    cases = {case["id"]: case for case in report["cases"]}
    for path in map(pathlib.Path, sys.argv[2:]):
        text = path.read_text()
        names = re.findall(r'(?:broken|fixed)<.*?>\(\s*"([\w/]+)"', text, re.DOTALL)
        if not names:
            continue
        table = re.compile(r"(?<=CPUs:\n)(//   .*\n)+")
        if not table.search(text):
            sys.exit(f"{path}: there is no table to print again")
        path.write_text(table.sub(lambda _: table_of(names, cases), text, count=1))


if __name__ == "__main__":
    main()
