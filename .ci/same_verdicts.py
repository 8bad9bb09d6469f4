"""same_verdicts.py VMEMSTRESS VMEMSTRESS: two installed commands decide every case alike.

Each runs `verify --json` on every suite, every search to its end; what is left of the two
objects without the host and without seconds must be the same bytes.
"""

from __future__ import annotations

import difflib
import json
import subprocess
import sys
import time
from typing import Any

SUITES = ("thread", "history", "arm64", "primitives", "mutants")


def verdicts(command: str, suite: str) -> bytes:
    """The object of `verify --json`, canonical and without what may differ."""
    words = [command, "verify", "--suite", suite, "--json"]
    done = subprocess.run(words, capture_output=True, check=False)
    if not done.stdout:
        raise SystemExit(f"{' '.join(words)}: {done.stderr.decode(errors='replace')}")
    return json.dumps(without_time(json.loads(done.stdout)), indent=1, sort_keys=True).encode()


def without_time(value: Any) -> Any:
    """The value without host and seconds, at any depth."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in ("host", "seconds")}
        return {k: without_time(v) for k, v in kept.items()}
    if isinstance(value, list):
        return [without_time(v) for v in value]
    return value


def main() -> int:
    """0 when all agree."""
    one, other = sys.argv[1:]
    equal, rows = True, 0
    for suite in SUITES:
        begun = time.monotonic()
        a, b = verdicts(one, suite), verdicts(other, suite)
        found = len(json.loads(a)["results"])
        rows += found
        seconds = time.monotonic() - begun
        print(f"{suite}: {found} verdicts, {'equal' if a == b else 'DIFFERENT'}, {seconds:.0f} s")
        if a != b:
            equal = False
            lines = [t.decode().splitlines() for t in (a, b)]
            sys.stderr.write("\n".join(list(difflib.unified_diff(*lines, lineterm=""))[:40]) + "\n")
    if equal:
        print(f"{rows} verdicts of {len(SUITES)} suites: equal on both architectures")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
