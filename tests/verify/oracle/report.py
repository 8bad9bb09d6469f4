"""What the kept programs are: `python -m oracle.report`."""

from __future__ import annotations

import sys
from collections import Counter

from oracle import kept
from oracle.program import MODELS, RMW


def main() -> int:
    """The command line."""
    for model in MODELS:
        about, entries = kept.load(kept.path_of(model))
        kinds = Counter(op.kind for e in entries for op in e.program.ops())
        sizes = sum(e.program.mixed for e in entries)
        print(f"{model}: {len(entries)} programs, {sizes} of two sizes, herd7 {about['herd']}")
        print("  " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()))
        print(f"  {sum(len(e.states) for e in entries)} final states")
        rmw = [e for e in entries if any(op.kind in RMW for op in e.program.ops())]
        differ = [e for e in rmw if e.differs]
        print(f"  {len(rmw)} with read-modify-writes, LL/SC and LSE differ in {len(differ)}:")
        wider = Counter(
            "+".join(form for form, states in e.forms.items() if states < e.states) or "neither"
            for e in differ
        )
        print("  " + (", ".join(f"{n}: {form} allows less" for form, n in wider.items()) or "-"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
