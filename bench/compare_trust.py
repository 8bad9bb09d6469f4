"""How far `compare` can be trusted: the same benchmark twice, and a planted slow-down.

    python bench/compare_trust.py [--runs 20] [--threads 1] [--kind both|stored|turn]
        [--realtime] [--repetitions 5] [--patience 20s]

Each of `--runs` times: two runs of `bench` are kept and compared (stored), and the same
two benchmarks are measured in turn (turn); once with nothing changed, once with a
slow-down of about a tenth: additions that depend on one another, `ballast`, as many
more as come nearest to it when measured in turn on this machine. Both sides have so many
of them that the processor cannot hide the next ones beside the locked instruction. It
prints how often each verdict came out; nothing is asserted, a busy machine may leave some
undecided.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from typing import Any

BASE = 40  # additions on both sides
TENTH = 0.10


def vmemstress(*args: object) -> dict[str, Any]:
    """The JSON object of a command; its exit code is its own affair."""
    command = [sys.executable, "-P", "-m", "pyharness", *map(str, args), "--json", "-q"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout and args[0] == "compare":
        print(f"  {done.stderr.strip()}", flush=True)
        return {"results": [{"verdict": "refused", "validity": "-", "counted_a": 0, "changes": []}]}
    if not done.stdout:
        raise SystemExit(done.stderr.strip())
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def bench(ballast: int, args: argparse.Namespace, *more: object) -> dict[str, Any]:
    """One run of the benchmark with so many additions."""
    where = ("-P", f"ballast={ballast}", "-P", f"line={args.line}", "--threads", args.threads)
    how = ("--realtime", "--time", "50ms") if args.realtime else ()
    long = ("--patience", args.patience, "--repetitions", args.repetitions)
    return vmemstress("bench", "add_unless", *where, *how, *long, *more)


def planted(args: argparse.Namespace) -> int:
    """The additions that cost nearest to a tenth more than BASE of them do, each number
    measured in turn with BASE: the cost does not grow evenly."""
    effects: dict[int, float] = {}
    for more in range(1, BASE):
        _, _, ratio = verdict_of(in_turn(BASE + more, args))
        if ratio is not None:
            effects[more] = ratio - 1
        if len(effects) > 1 and min(list(effects.values())[-2:]) > TENTH:
            break
    if not effects:
        raise SystemExit("nothing could be measured here")
    more = min(effects, key=lambda n: abs(effects[n] - TENTH))
    print(f"{BASE} additions and {more} more: {effects[more]:+.1%} in turn", flush=True)
    return BASE + more


def stored(store: str, ballast: int, args: argparse.Namespace) -> dict[str, Any]:
    """Two runs that are kept, and compared."""
    for name, n in (("a", BASE), ("b", ballast)):
        bench(n, args, "--store", store, "--save", name)
    return vmemstress("compare", "@a", "@b", "--store", store)


def in_turn(ballast: int, args: argparse.Namespace) -> dict[str, Any]:
    """The same two, measured in turn."""
    sides = [f"add_unless:line={args.line},ballast={n}" for n in (BASE, ballast)]
    how = ("--realtime",) if args.realtime else ()
    return vmemstress("compare", *sides, "--threads", args.threads, *how)


def verdict_of(found: dict[str, Any]) -> tuple[str, str, float | None]:
    """The verdict of the placement with most repetitions, its validity and the ratio."""
    row = max(found["results"], key=lambda r: r["counted_a"])
    ratio = row["changes"][0]["ratio"] if row["changes"] else None
    return row["verdict"], row["validity"], ratio


def report(what: str, wanted: str, found: list[tuple[str, str, float | None]]) -> None:
    """One line: how often each verdict, how clean the runs were, and the ratios."""
    verdicts, validity = (Counter(row[i] for row in found) for i in (0, 1))
    ratios = sorted(r for _, _, r in found if r is not None)
    shown = ", ".join(f"{n} {name}" for name, n in verdicts.most_common())
    spread = "no ratio"
    if ratios:
        spread = f"ratio {statistics.median(ratios):.3f} [{ratios[0]:.3f}, {ratios[-1]:.3f}]"
    print(
        f"{what}: {verdicts[wanted]} of {len(found)} {wanted} ({shown}); {spread}; "
        + ", ".join(f"{n} {name}" for name, n in validity.most_common()),
        flush=True,
    )


def main() -> None:
    """Run it all and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--line", default="same", help="same, false-sharing, own")
    parser.add_argument("--realtime", action="store_true", help="workers under SCHED_FIFO")
    parser.add_argument("--repetitions", type=int, default=5, help="of the runs that are kept")
    parser.add_argument("--patience", default="0s", help="of the runs that are kept")
    parser.add_argument("--kind", choices=["both", "stored", "turn"], default="both")
    args = parser.parse_args()
    begun = time.monotonic()
    more = planted(args)
    with tempfile.TemporaryDirectory() as store:
        for what, ballast, wanted in (
            ("nothing changed", BASE, "no change"),
            ("planted slow-down", more, "slower"),
        ):
            if args.kind != "turn":
                rows = [verdict_of(stored(store, ballast, args)) for _ in range(args.runs)]
                report(f"two stored runs, {what}", wanted, rows)
            if args.kind != "stored":
                rows = [verdict_of(in_turn(ballast, args)) for _ in range(args.runs)]
                report(f"measured in turn, {what}", wanted, rows)
    print(f"{time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
