"""Ask the search what herd7 was asked, and list the differences.

`python -m oracle.check --model arm64 [--only NAME] [--jobs 2] [--limit 3]`
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from oracle import emit, herd, kept
from oracle.ask import Answer, Search, build
from oracle.program import MODELS, to_json


def show(entry: kept.Entry, model: str, answer: Answer) -> str:
    """All that is needed to see which of the two is wrong."""
    lines = [f"== {entry.name} {model}: {answer.why or 'another set of states'}"]
    lines.append(str(to_json(entry.program)))
    lines.append(emit.scenario(entry.program, entry.name.replace("-", "_"), entry.states))
    for form in herd.forms(model, entry.program):
        lines.append(herd.as_test(form, entry.name, entry.program).text)
    if entry.differs:
        lines += [f"{form}: {sorted(states)}" for form, states in entry.forms.items()]
    lines.append(f"herd7 alone:  {sorted(entry.states - answer.states)}")
    lines.append(f"search alone: {sorted(answer.states - entry.states)}")
    lines.append(f"both:         {sorted(entry.states & answer.states)}")
    return "\n".join(lines)


def sort(entry: kept.Entry, answer: Answer) -> str:
    """In a word."""
    if answer.why:
        return answer.why
    if answer.states == entry.states:
        return "equal"
    if answer.states < entry.states:
        return "missing"  # the worst: `holds` may be false
    return "too many" if answer.states > entry.states else "both ways"


def main() -> int:
    """The command line; exit code 1 where a set differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=MODELS, action="append")
    parser.add_argument("--only", help="the program whose name ends so")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=int, default=3, help="differences shown in full")
    parser.add_argument("--one-size", action="store_true", help="no accesses of two sizes")
    parser.add_argument("--twin", type=int, default=0, help="break the search on purpose")
    parser.add_argument("--data", type=Path, default=kept.FOLDER)
    args = parser.parse_args()
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        search = Search(build(Path(folder)), args.twin)
        for model in args.model or MODELS:
            sorts: Counter[str] = Counter()
            shown: list[tuple[bool, int, str]] = []
            for entry in kept.load(args.data / f"{model}.jsonl.gz")[1]:
                if args.only and not entry.name.endswith(args.only):
                    continue
                if args.one_size and entry.program.mixed:
                    continue
                answer = search.states(entry.program, model, args.jobs)
                word = sort(entry, answer)
                sorts[word] += 1
                if word != "equal":
                    text = show(entry, model, answer)
                    shown.append((word == "unsupported", len(text), text))
                elif args.only:
                    print(show(entry, model, answer))
            shown.sort()  # the smallest are read first
            for *_, text in shown[: args.limit]:
                print(text, end="\n\n")
            print(f"{model}: " + ", ".join(f"{n} {word}" for word, n in sorts.most_common()))
            different += sum(n for word, n in sorts.items() if word != "equal")
        search.close()
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
