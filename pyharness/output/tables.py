"""Tables as plain text of any width, or through rich on a terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

_MIN_FLEX = 24
_STYLES = {"forbidden": "bold red", "interesting": "yellow", "ok": "green", "dim": "dim"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: numbers to the right, and at most one that may be wrapped (`flex`)."""

    title: str
    right: bool = False
    flex: bool = False


@dataclass(slots=True)
class Table:
    """Rows of cells, each row with a style of _STYLES or none."""

    columns: Sequence[Column]
    rows: list[tuple[Sequence[str], str]] = field(default_factory=list)

    def add(self, *cells: str, style: str = "") -> None:
        """Append a row."""
        assert len(cells) == len(self.columns)
        self.rows.append((cells, style))


def width() -> int:
    """Columns of the terminal, $COLUMNS, or 120 where there is neither."""
    return max(60, shutil.get_terminal_size((120, 24)).columns)


def _widths(table: Table, total: int) -> list[int]:
    cells = [[c.title for c in table.columns], *(row for row, _ in table.rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(table.columns))]
    flexible = [i for i, c in enumerate(table.columns) if c.flex]
    excess = sum(widths) + 2 * len(widths) + 2 - total
    if excess > 0 and flexible:
        # The widest of the flexible columns gives first.
        for _ in range(excess):
            widest = max(flexible, key=lambda i: widths[i])
            if widths[widest] <= _MIN_FLEX:
                break
            widths[widest] -= 1
    return widths


def _line(cells: Sequence[str], table: Table, widths: Sequence[int]) -> str:
    parts = [
        text.rjust(w) if column.right else text.ljust(w)
        for text, column, w in zip(cells, table.columns, widths, strict=True)
    ]
    return ("  " + "  ".join(parts)).rstrip()


def plain_lines(table: Table, total: int) -> list[tuple[str, str]]:
    """The table as (line, style) pairs within `total` columns where wrapping allows."""
    widths = _widths(table, total)
    lines = [(_line([c.title for c in table.columns], table, widths), "dim")]
    for cells, style in table.rows:
        wrapped = [
            textwrap.wrap(text, w, break_on_hyphens=False) or [""] if c.flex else [text]
            for text, w, c in zip(cells, widths, table.columns, strict=True)
        ]
        for i in range(max(len(w) for w in wrapped)):
            part = [w[i] if i < len(w) else "" for w in wrapped]
            lines.append((_line(part, table, widths), style))
    return lines


def paragraph(text: str, indent: str = "  ", total: int | None = None) -> str:
    """`text` filled to the width of the terminal, at most 100 columns."""
    limit = min(100, total or width())
    return textwrap.fill(
        " ".join(text.split()), limit, initial_indent=indent, subsequent_indent=indent
    )


def hanging(text: str) -> list[str]:
    """`  mark: text` within the width of the terminal, what is carried over below `text`."""
    below = " " * (text.index(": ") + 2)
    return textwrap.wrap(
        text, width(), subsequent_indent=below, break_on_hyphens=False, break_long_words=False
    )


def style_of(name: str) -> str:
    """The rich style of a row's style name."""
    return _STYLES.get(name, "")
