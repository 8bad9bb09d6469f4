"""What the texts of both architectures share: columns, labels, the final condition."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from oracle.program import Program

_VALUE = re.compile(r"(?:(\d+):(\w+)|m\[(\d+)\])=(-?\w+);")
State = tuple[int, ...]


@dataclass
class Column:
    """The text of one CPU. Labels are the whole test's, so each has the CPU's number."""

    number: int
    lines: list[str] = field(default_factory=list)
    labels: int = 0

    def put(self, *lines: str) -> None:
        """Instructions in order."""
        self.lines += lines

    def label(self) -> str:
        """A new name."""
        self.labels += 1
        return f"L{self.number}{self.labels}"

    @property
    def end(self) -> str:
        """Where the code ends."""
        return f"END{self.number}"

    @property
    def failed(self) -> str:
        """Where a run goes that does not count."""
        return f"FAIL{self.number}"


@dataclass(frozen=True)
class Test:
    """One text for herd7, and how its answer is read: which registers are results, of which
    the run counts only where they are 0."""

    text: str
    results: tuple[tuple[str, ...], ...]
    zero: tuple[str, ...]
    words: int

    def states(self, lines: list[str]) -> set[State]:
        """The final states of an answer: registers CPU by CPU, then the words of memory."""
        found = set()
        for line in lines:
            values = {}
            for cpu, register, word, value in _VALUE.findall(line):
                name = (cpu, register.lower()) if cpu else ("m", word)
                values[name] = int(value, 0)
            if any(values.get((str(c), z.lower()), 0) for c, z in enumerate(self.zero) if z):
                continue
            registers = [
                values[str(c), r.lower()] for c, row in enumerate(self.results) for r in row
            ]
            found.add((*registers, *(values["m", str(w)] for w in range(self.words))))
        return found


def joined(columns: list[Column]) -> str:
    """Columns beside one another."""
    height = max(len(c.lines) for c in columns)
    rows = [[f" P{i}" for i in range(len(columns))]]
    rows += [[c.lines[k] if k < len(c.lines) else "" for c in columns] for k in range(height)]
    return "".join(" | ".join(row) + " ;\n" for row in rows)


def test(
    arch: str,
    name: str,
    program: Program,
    columns: list[Column],
    base: str,
    results: list[tuple[str, ...]],
    zero: list[str],
) -> Test:
    """The whole text. `base`: the register that holds the address of memory."""
    words = len(program.words)
    start = f"uint{program.unit * 8}_t m[{words}]={{{','.join('0' * words)}}};"
    bases = "".join(f" {c}:{base}=m;" for c in range(len(columns)))
    # a register without a type is told as an int
    bases += "".join(f" uint64_t {c}:{r};" for c, row in enumerate(results) for r in row)
    seen = [f"{c}:{r}" for c, row in enumerate(results) for r in row]
    seen += [f"{c}:{z}" for c, z in enumerate(zero) if z]
    seen += [f"m[{w}]" for w in range(words)]
    text = f"{arch} {name}\n{{ {start}{bases} }}\n{joined(columns)}"
    text += f"locations [{'; '.join(seen)};]\nforall true\n"
    return Test(text, tuple(results), tuple(zero), words)
