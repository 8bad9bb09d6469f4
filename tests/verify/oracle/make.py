"""Draw programs and keep what herd7 says: `python -m oracle.make --model arm64`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from oracle import generate, herd, kept
from oracle.program import MODELS, Program

TWO = 40  # of so many programs, one more that depends on two loads
CHUNK = 25  # programs that one herd7 is asked


def entries(
    drawn: Iterator[Program], model: str, seed: int, count: int, jobs: int
) -> Iterator[list[kept.Entry]]:
    """All so far, after each chunk; programs that herd7 had no time for are left out."""
    done: list[kept.Entry] = []
    with ThreadPoolExecutor(jobs) as pool:
        while len(done) < count:
            wanted = count - len(done)
            named = [(f"{model}-{seed}-{generate.name(p)}", p) for p in islice(drawn, wanted)]
            chunks = [named[i : i + CHUNK] for i in range(0, len(named), CHUNK)]
            for chunk, answers in zip(
                chunks, pool.map(lambda c: herd.states(c, model), chunks), strict=True
            ):
                done += [
                    kept.entry(name, program, answers[name])
                    for name, program in chunk
                    if name in answers
                ]
                print(f"{model}: {len(done)} of {count}", file=sys.stderr, flush=True)
                yield done


def about(model: str, seed: int, made: list[kept.Entry]) -> dict[str, object]:
    """How the states were made."""
    tests: list[Program] = [e.program for e in made]
    return {
        "model": model,
        "herd": herd.version(),
        "commands": sorted(
            "herd7 " + " ".join(Path(w).name for w in herd.options(model, mixed))
            for mixed in {p.mixed for p in tests}
        ),
        "seed": seed,
        "programs": len(made),
    }


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=MODELS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=3100)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--into", type=Path, default=kept.FOLDER)
    args = parser.parse_args()
    for model in args.model or MODELS:
        before: list[kept.Entry] = []
        two = args.count // TWO
        for draw, count in ((generate.draw, args.count), (generate.draw_two, two)):
            made: list[kept.Entry] = []
            for made in entries(draw(model, args.seed), model, args.seed, count, args.jobs):
                both = before + made
                kept.save(args.into / f"{model}.jsonl.gz", about(model, args.seed, both), both)
            before += made
    return 0


if __name__ == "__main__":
    sys.exit(main())
