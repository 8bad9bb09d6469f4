"""Witnesses: the events of one violating run as lines, one column per CPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from pyharness._lib.model_types import Event

_WORD = {0: "flags", 8: "compound_info", 48: "page_type", 52: "_refcount"}
_BOOKKEEPING = "read the PTE"  # the owner looks up its own entry: no part of a story
_PATTERNS = {
    0x5C71BB1E5C71BB1E: "next owner's data",
    0x5C71BB1E: "next owner's data",
    0x6D82CC2F6D82CC2F: "never written",
    0x6D82CC2F: "never written",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: consecutive events of one CPU at one place of the source."""

    cpu: int
    actor: str
    file: str
    line: int
    operation: str
    effect: str
    entry: str  # the page-table entry that translated, "" where none did
    mark: str  # "stale translation", "stale value" or ""
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Witness:
    """A minimised example of one violation."""

    title: str
    explanation: str
    events: tuple[Event, ...]
    lines: tuple[Line, ...]
    cpus: tuple[str, ...]
    token: str


def number(value: int) -> str:
    """A value for people: patterns by name, small numbers decimal, addresses hexadecimal."""
    if value in _PATTERNS:
        return _PATTERNS[value]
    if value >= 1 << 63:
        value -= 1 << 64
    elif 1 << 31 <= value < 1 << 32:
        value -= 1 << 32
    return str(value) if abs(value) < 4096 else f"{value & (1 << 64) - 1:#x}"


def entry(value: int) -> str:
    """A page-table entry: frame and permission, or `none`."""
    if not value & 1:
        return "none"
    return f"frame {value >> 2} {'rw' if value & 2 else 'ro'}"


def place(name: str) -> str:
    """`frame 9+0x74` as the word of the struct page that it is."""
    if not name.startswith("frame ") or "+" not in name:
        return name
    frame, _, offset = name.partition("+")
    at = int(offset, 16)
    word = _WORD.get(at % 64, f"+{at % 64}")
    return f"{frame}, page {at // 64} {word}"


def _effect(events: Sequence[Event]) -> str:
    parts = []
    for e in events:
        if e.walk:
            continue
        show = entry if e.place.startswith("pte ") else number
        if e.read and not e.write:
            parts.append(f"{place(e.place)} = {show(e.value)}")
        elif e.write:
            parts.append(f"{place(e.place)}: {show(e.before)} -> {show(e.value)}")
    if len(parts) > 3:
        return f"{parts[0]}; ... {len(parts) - 1} more"
    return "; ".join(parts)


def _groups(events: Sequence[Event]) -> Iterator[list[int]]:
    group: list[int] = []
    for i, e in enumerate(events):
        if group:
            last = events[group[-1]]
            same = (last.cpu, last.file, last.line, last.operation) == (
                *(e.cpu, e.file, e.line, e.operation),
            )
            if not same or e.fences:
                yield group
                group = []
        group.append(i)
    if group:
        yield group


def _line(events: Sequence[Event], group: list[int]) -> Line:
    own = [events[i] for i in group]
    walks = [e for e in own if e.walk]
    mark = ""
    if any(e.stale for e in walks):
        mark = "stale translation"
    elif any(e.stale for e in own):
        mark = "stale value"
    seen = dict.fromkeys(f"{e.place} = {entry(e.value)}" for e in walks)
    return Line(
        cpu=own[0].cpu,
        actor=own[0].actor,
        file=own[0].file,
        line=own[0].line,
        operation=" ".join(own[0].operation.split()),
        effect=_effect(own),
        entry=", ".join(seen),
        mark=mark,
        events=tuple(group),
    )


def _fences(event: Event) -> Iterator[Line]:
    for f in event.fences:
        yield Line(event.cpu, event.actor, f.file, f.line, f.operation, "", "", "", ())


def fold(events: Sequence[Event]) -> tuple[Line, ...]:
    """Events as lines; what follows at the same place of the source is one line, and
    fences are lines before the event that they hold back."""
    lines: list[Line] = []
    for group in _groups(events):
        lines += _fences(events[group[0]])
        lines.append(_line(events, group))
    return tuple(line for line in lines if line.operation != _BOOKKEEPING)


def columns(events: Sequence[Event]) -> tuple[str, ...]:
    """The CPUs' actors, by CPU."""
    names = {e.cpu: e.actor for e in events}
    return tuple(names.get(cpu, "") for cpu in range(max(names, default=-1) + 1))


def _where(line: Line) -> str:
    return f"{line.file.rsplit('/', 1)[-1]}:{line.line}"


def _details(line: Line) -> list[str]:
    through = f"through {line.entry}" if line.entry else ""
    mark = f"** {line.mark}" if line.mark else ""
    return [detail for detail in (line.effect, through, mark) if detail]


def _wide(witness: Witness, width: int) -> int:
    return max(24, (width - 30) // len(witness.cpus))


def text_lines(witness: Witness, width: int = 100) -> list[str]:
    """The witness as text, one column per CPU and one line of the screen per operation.

    A line holds the operation, its source line, what it did, the page-table entry
    that it went through and the mark; what does not fit in `width` is cut from the
    operation's end, and from what it did, never the mark.
    """
    if not witness.cpus:
        return [witness.explanation]
    step = min(_wide(witness, width), 24)
    head = (f"CPU {i} {name}"[: step - 1].ljust(step) for i, name in enumerate(witness.cpus))
    out = [f"{'':4}{''.join(head).rstrip()}"]
    for n, line in enumerate(witness.lines, 1):
        pad = " " * (step * line.cpu)
        mark = f"  ** {line.mark}" if line.mark else ""
        where = f" [{_where(line)}]"
        entry_text = f" via {line.entry}" if line.entry and line.mark else ""
        left = max(width - 4 - len(pad) - len(mark) - len(where) - len(entry_text), 40)
        operation = _cut(line.operation, max(left // 2, left - len(line.effect) - 2))
        effect = _cut(f"  {line.effect}" if line.effect else "", left - len(operation))
        out.append(f"{n:3} {pad}{operation}{where}{effect}{entry_text}{mark}")
    out.append("")
    out.append(f"    {witness.explanation}")
    return out


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(room - 3, 0)]}..."


def long_lines(witness: Witness, width: int = 100) -> list[str]:
    """The same with every detail on a line of its own, nothing cut."""
    if not witness.cpus:
        return [witness.explanation]
    wide = _wide(witness, width)
    head = "".join(f"CPU {i} {name}"[: wide - 1].ljust(wide) for i, name in enumerate(witness.cpus))
    out = [f"{'':4}{head.rstrip()}", f"{'':4}{'-' * (wide * len(witness.cpus))}"]
    for n, line in enumerate(witness.lines, 1):
        pad = " " * (wide * line.cpu)
        out.append(f"{n:3} {pad}{line.operation}  [{_where(line)}]")
        out.extend(f"{'':4}{pad}  {detail}" for detail in _details(line))
    out.append("")
    out.append(f"    {witness.explanation}")
    return out


def svg(witness: Witness) -> str:
    """The columns as SVG with an arrow for each read from another CPU's write."""
    wide, high, top = 360, 34, 50
    rows = {e: i for i, line in enumerate(witness.lines) for e in line.events}
    height = top + high * len(witness.lines) + 50
    body = [
        f'<text x="{c * wide + 10}" y="30" class="h">CPU {c} {escape(name)}</text>'
        for c, name in enumerate(witness.cpus)
    ]
    for i, line in enumerate(witness.lines):
        x, y = line.cpu * wide + 10, top + i * high
        style = "s" if line.mark else "o"
        body.append(
            f'<text x="{x}" y="{y + 12}" class="{style}">{escape(line.operation[:52])}</text>'
        )
        body.append(f'<text x="{x}" y="{y + 25}" class="d">{escape(line.effect[:60])}</text>')
    for i, event in enumerate(witness.events):
        if event.rf < 0 or witness.events[event.rf].cpu == event.cpu:
            continue
        source = witness.events[event.rf]
        body.append(
            f'<line x1="{source.cpu * wide + 5}" y1="{top + rows[event.rf] * high + 10}" '
            f'x2="{event.cpu * wide + 5}" y2="{top + rows[i] * high + 10}" class="rf"/>'
        )
    style = (
        "text{font:12px monospace}.h{font-weight:bold}.d{fill:#666}.s{fill:#b00}"
        ".rf{stroke:#06c;stroke-width:1;marker-end:url(#a)}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide * len(witness.cpus)}" '
        f'height="{height}"><style>{style}</style><defs><marker id="a" markerWidth="8" '
        'markerHeight="8" refX="7" refY="3" orient="auto"><path d="M0,0L7,3L0,6z" fill="#06c"/>'
        f'</marker></defs>{"".join(body)}<text x="10" y="{height - 15}" class="h">'
        f"{escape(witness.explanation)}</text></svg>\n"
    )
