"""What the template is given: sections of blocks, nothing left to decide but the looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from pyharness.report.charts import Chart

# validity, verdict or grade -> the tone that it is shown in
TONES = {
    "valid": "good",
    "holds": "good",
    "ok": "good",
    "contaminated": "warn",
    "inconclusive": "warn",
    "interesting": "warn",
    "bounded": "warn",
    "void": "bad",
    "violated": "bad",
    "forbidden": "bad",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Text of a table; `tone` makes it a label, `code` sets it as source."""

    text: str
    tone: str = ""
    code: bool = False
    hint: str = ""


def tag(text: str) -> Cell:
    """A validity, verdict or grade as a label in its tone."""
    return Cell(text, tone=TONES.get(text, "plain"))


@dataclass(frozen=True, slots=True)
class Head:
    """A column's heading; numbers stand to the right."""

    text: str
    right: bool = False


@dataclass(slots=True)
class TableView:
    """A table with a caption. The first column names the row."""

    kind: ClassVar[str] = "table"
    caption: str
    heads: Sequence[Head]
    rows: list[Sequence[Cell]] = field(default_factory=list)

    def add(self, *cells: str | Cell) -> None:
        """Append a row; plain text becomes a plain cell."""
        assert len(cells) == len(self.heads)
        self.rows.append([c if isinstance(c, Cell) else Cell(c) for c in cells])


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of a legend: its colour, and its marker's name where there is one."""

    label: str
    colour: str
    marker: str = ""


@dataclass(frozen=True, slots=True)
class FigureView:
    """A drawing with title, caption and legend; `svg` is trusted, made here."""

    title: str
    caption: str
    svg: str
    keys: Sequence[Key]


@dataclass(frozen=True, slots=True)
class FiguresView:
    """Drawings side by side where there is room."""

    kind: ClassVar[str] = "figures"
    figures: Sequence[FigureView]


@dataclass(frozen=True, slots=True)
class ListView:
    """Names with their values."""

    kind: ClassVar[str] = "list"
    title: str
    entries: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class CommandView:
    """One run: what it was called here, the command, how it came out."""

    name: str
    what: str
    command: str
    exact: bool
    when: str
    labels: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class CommandsView:
    """All runs of the report."""

    kind: ClassVar[str] = "commands"
    runs: Sequence[CommandView]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a witness, in the column of its CPU."""

    cpu: int
    operation: str
    where: str
    details: Sequence[str]
    mark: str


@dataclass(frozen=True, slots=True)
class WitnessView:
    """The events of one violating run, a column for each CPU."""

    kind: ClassVar[str] = "witness"
    title: str
    explanation: str
    cpus: Sequence[str]
    steps: Sequence[Step]
    replay: str


@dataclass(frozen=True, slots=True)
class ProseView:
    """A heading and a line of text between other blocks; either may be empty."""

    kind: ClassVar[str] = "prose"
    title: str
    text: str
    labels: Sequence[Cell] = ()


@dataclass(frozen=True, slots=True)
class FoldView:
    """Blocks behind a line that opens them; on paper they are open."""

    kind: ClassVar[str] = "fold"
    title: str
    labels: Sequence[Cell]
    blocks: Sequence[Block]
    open: bool


Block = TableView | FiguresView | ListView | CommandsView | WitnessView | ProseView | FoldView


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report with a heading; `id` is its anchor."""

    id: str
    title: str
    lead: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it, and the charts, which `--png` writes as pictures too."""

    title: str
    subtitle: str
    version: str
    sections: Sequence[Section]
    charts: Sequence[Chart]
