"""Programs with page-table operations: drawn by Hypothesis, written as text, run by the C side
(serve_translation.c)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st
from programs import MODELS, build_server

# The order of enum t_kind (translation.h).
_KINDS = [
    *("load", "store", "xchg", "word_load", "word_store", "frame_load", "frame_store"),
    *("free", "fill", "copy", "set", "alias", "clear", "flush", "mb"),
    *("irq_off", "irq_on", "rcu_lock", "rcu_unlock", "grace", "pause", "resume"),
]
T_OPS = 8
PAGES = 2
BOTH = PAGES  # pages of a flush: all of them
# The choices of csrc/kapi/regime.h, by place.
REPLACE = ("atomic", "break-before-make", "in-place")
WINDOW = ("open", "fault-wait", "pause", "stop")
FLUSH = ("before-free", "after-free", "none")


@dataclass(frozen=True)
class Op:
    """One operation; what its numbers mean is in translation.h."""

    name: str
    a: int = 0
    b: int = 0
    c: int = 0

    def __str__(self) -> str:
        a, b, c = self.a, self.b, self.c
        prot = "rw" if (b if self.name == "alias" else c) else "ro"
        texts = {
            "load": f"v{a}",
            "store": f"v{a} {b}",
            "xchg": f"v{a} {b}",
            "word_load": "xy"[a % 2],
            "word_store": f"{'xy'[a % 2]} {b}",
            "frame_load": f"f{a}",
            "frame_store": f"f{a} {b}",
            "free": f"f{a}",
            "fill": f"f{a} {b}",
            "copy": f"f{a} f{b}",
            "set": f"v{a} f{b} {prot}",
            "alias": f"f{a} {prot}",
            "clear": f"v{a}",
            "flush": "all" if a == BOTH else f"v{a}",
        }
        return f"{self.name} {texts[self.name]}" if self.name in texts else self.name


_NUMBERS = {"rw": 1, "ro": 0, "x": 0, "y": 1, "all": BOTH}


def code(text: str) -> tuple[Op, ...]:
    """Operations from the text that `Op.__str__` writes, `;` between them."""
    ops = []
    for each in filter(None, (part.strip() for part in text.split(";"))):
        name, *words = each.split()
        ops.append(Op(name, *(_NUMBERS[w] if w in _NUMBERS else int(w.strip("vf")) for w in words)))
    return tuple(ops)


@dataclass(frozen=True)
class Program:
    """Straight-line code of each CPU, under the knobs of a regime."""

    cpus: tuple[tuple[Op, ...], ...]
    replace: str = "atomic"
    window: str = "open"
    flush: str = "before-free"

    def __str__(self) -> str:
        text = " | ".join("; ".join(map(str, cpu)) for cpu in self.cpus)
        return f"[{self.replace}, {self.window}, {self.flush}] {text}"

    def line(self, model: str) -> str:
        """The line that serve_translation.c reads."""
        knobs = [REPLACE.index(self.replace), WINDOW.index(self.window), FLUSH.index(self.flush)]
        parts = [MODELS.index(model), *knobs, len(self.cpus)]
        for cpu in self.cpus:
            parts.append(len(cpu))
            for op in cpu:
                parts += [_KINDS.index(op.name), op.a, op.b, op.c]
        return " ".join(map(str, parts))


def program(text: str, **knobs: str) -> Program:
    """A program from its text, `|` between CPUs."""
    return Program(tuple(code(cpu) for cpu in text.split("|")), **knobs)


_READER = ("load", "load", "store", "load", "store", "xchg", "word_load", "word_store", "mb")
_OWNER = (
    *("set", "set", "clear", "flush", "flush", "free", "fill", "copy", "word_store", "word_load"),
    *("frame_load", "frame_store", "mb", "grace", "alias", "load", "store"),
    *("set_now", "freed_after"),
)


def _one(raw: bytes, cpu: int, name: str) -> Op:
    _, b, c = raw
    frame = (0, 1, PAGES + cpu)[b % 3]
    page = 1 if b // 3 % 4 == 3 else 0
    value = 4 + c % 3
    if name in ("load", "store", "xchg", "clear"):
        return Op(name, page, value if name in ("store", "xchg") else 0)
    if name == "flush":
        return Op(name, BOTH if b // 3 % 4 == 2 else page)
    if name == "set":
        return Op(name, page, frame, int(c % 4 != 0))
    if name == "alias":
        return Op(name, frame, c % 2)
    if name in ("word_load", "word_store"):
        return Op(name, b % 2, value if name == "word_store" else 0)
    if name in ("frame_load", "free"):
        return Op(name, frame)
    if name in ("frame_store", "fill"):
        return Op(name, frame, value)
    if name == "copy":
        return Op(name, frame, (0, 1, PAGES + cpu)[c % 3])
    return Op(name)


def _drawn(raw: bytes, cpu: int, owner: bool) -> list[Op]:
    """One operation, or a few that belong together."""
    table = _OWNER if owner else _READER
    name = table[raw[0] % len(table)]
    own = PAGES + cpu
    if name == "set_now":  # a new page with contents, published
        return [Op("fill", own, 4 + raw[1] % 3), Op("set", 0, own, raw[2] % 2)]
    if name == "freed_after":
        return [Op("set", 0, own, 1), Op("flush", 0), Op("free", 0)]
    return [_one(raw, cpu, name)]


_REMAP = ("clear", "flush", "set")  # each of the two may be left out


def _paused(raw: bytes, cpu: int) -> list[Op]:
    """What a pause is for: an entry broken and made while nobody looks."""
    page = raw[0] % 4 == 3
    inside = [_one(bytes((0, 9 * page + raw[1] % 3, raw[2])), cpu, name) for name in _REMAP]
    if raw[0] // 4 % 3 == 0:
        del inside[1]
    return [Op("pause"), *inside, Op("resume")]


_SECTIONS = {1: ("irq_off", "irq_on"), 2: ("rcu_lock", "rcu_unlock")}


def _cpu(raw: list[bytes], cpu: int, owner: bool, style: int, longest: int) -> tuple[Op, ...]:
    ops: list[Op] = []
    for i, each in enumerate(raw):
        pauses = owner and style % 4 == 3 and i == style // 4 % len(raw)
        group = _paused(each, cpu) if pauses else _drawn(each, cpu, owner)
        if len(ops) + len(group) <= max(longest, len(group)):
            ops += group
    if not owner and style % 8 in _SECTIONS:
        before, after = _SECTIONS[style % 8]
        first = style // 8 % 2 if len(ops) > 1 else 0
        ops = [*ops[:first], Op(before), *ops[first:], Op(after)]
    elif owner and style % 8 == 1:  # two that flush with interrupts off wait for each other
        ops = [op for op in ops if op.name != "grace"][: T_OPS - 2]
        ops = [Op("irq_off"), *ops, Op("irq_on")]
    return tuple(ops)


# No integers are drawn, as in programs.py.
_RAW = st.binary(min_size=3, max_size=3)
_KNOBS = (
    ("atomic", "open", "before-free"),
    ("atomic", "open", "before-free"),
    ("atomic", "fault-wait", "none"),
    ("break-before-make", "open", "before-free"),
    ("break-before-make", "fault-wait", "after-free"),
    ("break-before-make", "pause", "before-free"),
    ("in-place", "stop", "before-free"),
    ("in-place", "fault-wait", "before-free"),
)


@st.composite
def translation_programs(draw: st.DrawFn) -> Program:
    """Programs of two CPUs with up to six operations, or three with up to three: one or two
    own the page table, the others use the window."""
    head = draw(st.binary(min_size=6, max_size=6))
    cpus, longest = (3, 3) if head[0] % 4 == 3 else (2, 5)
    owner = head[1] % cpus
    second = head[2] % 6 == 5
    bodies = []
    for cpu in range(cpus):
        owns = cpu == owner or (second and cpu == (owner + 1) % cpus)
        raw = draw(st.lists(_RAW, min_size=1, max_size=longest if owns else 3))
        # one that pauses is enough
        style = head[3 + cpu % 3] if cpu == owner or not owns else head[3 + cpu % 3] & ~2
        bodies.append(_cpu(raw, cpu, owns, style, longest))
    return Program(tuple(bodies), *_KNOBS[head[5] // 8 % len(_KNOBS)])


def for_model(program: Program, model: str) -> Program:
    """Under arm64 each operation is one access, since it is fenced as a whole."""
    if model != "arm64":
        return program
    kept = (tuple(op for op in cpu if op.name != "alias") for cpu in program.cpus)
    return Program(tuple(kept), program.replace, program.window, program.flush)


def build(folder: Path) -> Path:
    """The C side."""
    return build_server(
        folder, "serve_translation", ("serve_translation.c", "run_translation.c", "step_machine.c")
    )


class Server:
    """The C side as a process; `twin` is the rule of the step machine that is broken on
    purpose, `broken` breaks the search instead."""

    def __init__(self, binary: Path, twin: int = 0, broken: bool = False) -> None:
        self._process = subprocess.Popen(
            [binary, str(twin), str(int(broken))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, program: Program, model: str) -> str:
        """`equal ...`, `differs ...` or `full`."""
        return next(iter(self.ask_all([program], model)))

    def ask_all(self, programs: Iterable[Program], model: str) -> list[str]:
        """The answers to several programs."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        answers = []
        for each in programs:
            self._process.stdin.write(for_model(each, model).line(model) + "\n")
            self._process.stdin.flush()
            answers.append(self._process.stdout.readline().strip())
        return answers

    def close(self) -> None:
        """End the process."""
        self._process.communicate()
