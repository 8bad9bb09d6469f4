"""What herd7 said, as it is kept: `MODEL.jsonl.gz`, one program a line.

The first line tells how it was made. Each other line is `[name, program, states]` and, where
LL/SC and LSE differ, the states of each: {"llsc": [...], "lse": [...]}; `states` is the union.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from oracle.program import Program, from_json, to_json
from oracle.text import State

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Entry:
    """One program, the final states that it may end in, and those of each encoding."""

    name: str
    program: Program
    states: frozenset[State]
    forms: dict[str, frozenset[State]]

    @property
    def differs(self) -> bool:
        """Whether it matters how read-modify-writes are compiled."""
        return len(set(self.forms.values())) > 1


def entry(name: str, program: Program, forms: dict[str, set[State]]) -> Entry:
    """Of what herd7 said about each encoding."""
    union = frozenset().union(*forms.values())
    return Entry(name, program, union, {k: frozenset(v) for k, v in forms.items()})


def save(path: Path, about: dict[str, object], entries: Iterable[Entry]) -> None:
    """The same bytes for the same entries."""
    lines = [json.dumps(about)]
    for e in entries:
        row: list[object] = [e.name, to_json(e.program), sorted(e.states)]
        if e.differs:
            row.append({form: sorted(states) for form, states in sorted(e.forms.items())})
        lines.append(json.dumps(row, separators=(",", ":")))
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0))


def _states(rows: list[list[int]]) -> frozenset[State]:
    return frozenset(map(tuple, rows))


def load(path: Path) -> tuple[dict[str, object], list[Entry]]:
    """How it was made, and the entries."""
    first, *rest = gzip.decompress(path.read_bytes()).decode().splitlines()
    entries = []
    for line in rest:
        name, program, states, *forms = json.loads(line)
        named = {form: _states(rows) for form, rows in forms[0].items()} if forms else {}
        entries.append(Entry(name, from_json(program), _states(states), named))
    return json.loads(first), entries


def path_of(model: str) -> Path:
    """Where the entries of a model are."""
    return FOLDER / f"{model}.jsonl.gz"
