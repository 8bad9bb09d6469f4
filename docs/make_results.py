"""Make the dated part of docs/results.md again, on this machine.

    python docs/make_results.py [--quick]

--quick takes short budgets and windows: for a test of this program, not for figures.
"""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "results.md"
BEGIN, END = "<!-- made by make results: begin -->", "<!-- made by make results: end -->"
COMMAND = [sys.executable, "-P", "-m", "pyharness"]
Result = dict[str, Any]

HUNTS = (
    ("fake-head-get --regime linux-5.18", 5),
    ("fake-head-get --regime writable-alias", 8),
    ("fake-head-get --regime linux-6.15", 30),
    ("fake-head-get --regime arm64-naive", 8),
    ("fake-head-get --regime arm64-pause", 8),
)
SEARCHES = (
    "--suite thread",
    "--suite history",
    "specref -P readers=3 --model sc",
    "specref -P readers=2",
)
REMAPS = (
    "remap/mmap-fixed remap/mremap remap/bbm remap/none -P what=2m -P guard=all -P rate=200 "
    "-P reader=cas --threads 2"
)
LOOKUPS = (
    "lookup/filemap --regime linux-5.18,canonicalise-2024,linux-6.10,linux-6.15,linux-7.1,"
    "linux-7.1+gp --threads 1,2"
)
ATOMICS = "add_unless xadd harness --threads 1,2"


def ask(command: str) -> Result:
    """The JSON object of a command; an exit code says what it found, and is no failure."""
    done = subprocess.run(
        [*COMMAND, *command.split(), "--json", "--no-store"], capture_output=True, check=False
    )
    if not done.stdout:
        raise SystemExit(f"vmemstress {command}: {done.stderr.decode().strip()}")
    answer: Result = json.loads(done.stdout)
    return answer


def table(head: str, rows: list[list[str]]) -> list[str]:
    """A Markdown table; `head` has its columns between bars."""
    columns = head.split("|")
    lines = ["| " + " | ".join(c.strip() for c in columns) + " |", "|---" * len(columns) + "|"]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


def _short(value: float) -> str:
    """Three digits, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def metric(result: Result, name: str, unit: float = 1.0, suffix: str = "") -> str:
    """A metric divided by its unit, three digits; empty where there is none."""
    value = result["metrics"].get(name)
    return "" if value is None else f"{_short(value / unit)}{suffix}"


def settings(result: Result, results: list[Result]) -> str:
    """The settings in which these results differ, as `-P` takes them."""
    found = result["settings"].items()
    return " ".join(
        f"{name}={value}"
        for name, value in found
        if len({json.dumps(r["settings"].get(name)) for r in results}) > 1
    )


def hunts(quick: bool) -> list[str]:
    """What real threads met, scenario by scenario."""
    rows = []
    for what, seconds in HUNTS:
        command = f"hunt {what} --budget {1 if quick else seconds}s"
        (r,) = ask(command)["results"]
        met = [
            f"{o['outcome']} {o['count']:,}"
            for o in r["outcomes"]
            if o["grade"] == "forbidden" and o["count"]
        ]
        rows.append(
            [
                f"`vmemstress {command}`",
                r["verdict"],
                f"{r['samples']:,}",
                "; ".join(met) or "nothing forbidden",
                r["validity"]["verdict"],
            ]
        )
    head = "command | verdict | runs | forbidden outcomes | validity"
    return ["## What a hunt finds", "", *table(head, rows)]


def searches() -> list[str]:
    """What a complete search takes."""
    rows = []
    for what in SEARCHES:
        command = f"verify {what}"
        results = ask(command)["results"]
        executions = sum(r["executions"] for r in results)
        seconds = sum(r["seconds"] for r in results)
        rows.append(
            [
                f"`vmemstress {command}`",
                f"{len(results)}",
                f"{sum(r['complete'] for r in results)}",
                f"{sum(r['as_expected'] is not False for r in results)}",
                f"{executions:,}",
                f"{seconds:.2f} s",
                f"{executions / seconds / 1e3:,.0f} k/s",
            ]
        )
    head = "command | searches | complete | as expected | executions | time | rate"
    return ["## What a search takes", "", *table(head, rows)]


def measure(what: str, quick: bool) -> tuple[str, list[Result]]:
    """A bench command and its results."""
    how = "--repetitions 1 --time 5ms" if quick else "--repetitions 7"
    command = f"bench {what} {how}"
    return command, ask(command)["results"]


def remaps(quick: bool) -> list[str]:
    """What each way to change a mapping costs, and its readers."""
    command, results = measure(REMAPS, quick)
    rows = [
        [
            r["name"],
            str(r["settings"].get("guard") or ""),
            metric(r, "remap_p50_ns", 1e3, " us"),
            metric(r, "remap_p99_ns", 1e3, " us"),
            metric(r, "reader_loss", 0.01, " %"),
            metric(r, "faults_per_op"),
            metric(r, "tlb_interrupts_per_op"),
            r["validity"],
        ]
        for r in results
    ]
    head = "how | window | journey p50 | p99 | reader stalled | faults | TLB interrupts | validity"
    return [
        *("## What closing the window costs", ""),
        "A 2 MiB page is optimised and restored 200 times a second while another CPU takes and",
        "drops references. Latency is from the intended start; counts are for each journey.",
        *("", f"`vmemstress {command}`", "", *table(head, rows)),
    ]


def lookups(quick: bool) -> list[str]:
    """A page-cache lookup and its put, protocol by protocol."""
    command, results = measure(LOOKUPS, quick)
    rows = [
        [
            f"`{r['regime']}`",
            settings(r, results),
            str(r["threads"]),
            metric(r, "ns_per_op", 1, " ns"),
            metric(r, "steady_ns_per_op", 1, " ns"),
            metric(r, "handoff_ns", 1, " ns"),
            r["validity"],
        ]
        for r in results
    ]
    head = "regime | setting | threads | an operation | steady | hand-off | validity"
    return [
        *("## What a lookup costs, by protocol", ""),
        *(f"`vmemstress {command}`", "", *table(head, rows)),
    ]


def atomics(quick: bool) -> list[str]:
    """Atomics, and ours beside a bare loop."""
    command, results = measure(ATOMICS, quick)
    rows = [
        [
            f"{r['group']}/{r['name']}",
            settings(r, results),
            str(r["threads"]),
            metric(r, "ns_per_op", 1, " ns"),
            "" if r["ratio"] is None else f"{r['ratio']:.3f}",
            r["validity"],
        ]
        for r in results
    ]
    head = "benchmark | setting | threads | an operation | over the bare loop | validity"
    return ["## Atomics", "", f"`vmemstress {command}`", "", *table(head, rows)]


def made(quick: bool) -> str:
    """The dated part."""
    host = ask("verify specref --model sc")["host"]
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    where = (
        f"{day}: {host['cpus']} CPUs of {host['cpu']} ({host['arch']}), Linux "
        f"{host['kernel'].split('-')[0]}, Python {host['python']}, "
        f"{host['page_size'] // 1024} KiB pages."
    )
    parts = [hunts(quick), searches(), remaps(quick), lookups(quick), atomics(quick)]
    return "\n".join([BEGIN, "", where, "", *(line for part in parts for line in part), END])


def main(quick: bool, page: Path = PAGE) -> None:
    """Replace what stands between the two marks."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    page.write_text(before + made(quick) + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
