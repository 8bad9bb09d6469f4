"""Litmus programs: drawn by Hypothesis, written as text, run by the C side (serve.c)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from pyharness.catalogue.user_files import compiler

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("sc", "tso", "arm64")
# The order of enum insn_kind (program.h).
LOAD, STORE, ADD, XCHG, CAS, MB, RMB, WMB, LOCK, UNLOCK, SYNC = range(11)
_NAMES = ["r", "w", "add", "xchg", "cas", "mb", "rmb", "wmb", "rcu_lock", "rcu_unlock", "sync"]
_ORDERS = ("", ".acq", ".rel", ".full")
_KINDS = (LOAD, STORE, LOAD, STORE, ADD, XCHG, CAS, MB, RMB, WMB, LOAD, STORE, SYNC)


@dataclass(frozen=True)
class Insn:
    """One instruction; `addr`, `data`: the load that gives its address or value, or -1."""

    kind: int
    order: int = 0
    word: int = 0
    value: int = 1
    old: int = 0
    addr: int = -1
    data: int = -1

    @property
    def reads(self) -> bool:
        """Whether it gives a value."""
        return self.kind in (LOAD, ADD, XCHG, CAS)

    def __str__(self) -> str:
        if self.kind > CAS:
            return _NAMES[self.kind]
        text = f"{_NAMES[self.kind]}{_ORDERS[self.order]} {'xyz'[self.word]}"
        if self.kind == CAS:
            text += f" {self.old}->{self.value}"
        elif self.kind != LOAD:
            text += f" {self.value}"
        if self.addr >= 0:
            text += f" addr({self.addr})"
        return text + (f" data({self.data})" if self.data >= 0 else "")


@dataclass(frozen=True)
class Program:
    """Straight-line code of each CPU."""

    cpus: tuple[tuple[Insn, ...], ...]

    def __str__(self) -> str:
        return " | ".join("; ".join(map(str, cpu)) for cpu in self.cpus)

    def line(self, model: str) -> str:
        """The line that serve.c reads."""
        words = 1 + max((i.word for cpu in self.cpus for i in cpu), default=0)
        parts = [MODELS.index(model), len(self.cpus), words]
        for cpu in self.cpus:
            parts.append(len(cpu))
            for i in cpu:
                parts += [i.kind, i.order, i.word, i.value, i.old, i.addr, i.data]
        return " ".join(map(str, parts))


def _insn(raw: bytes, before: list[Insn], in_section: bool) -> Insn:
    a, b, c = raw
    kind = _KINDS[a % len(_KINDS)]
    if kind == SYNC and in_section:
        kind = LOAD  # a grace period inside a section waits for itself
    if kind > CAS:
        return Insn(kind)
    orders = {LOAD: (0, 0, 1), STORE: (0, 0, 2)}.get(kind, (0, 1, 2, 3))
    source = c % 8
    addr = data = -1
    if source < len(before) and before[source].reads:
        if c // 8 % 2:
            addr = source
        elif kind == STORE:
            data = source
    return Insn(kind, orders[b % len(orders)], b // 4 % 3, 1 + c // 16 % 3, b // 16 % 3, addr, data)


def _cpu(raw: list[bytes], section: bool) -> tuple[Insn, ...]:
    code = [Insn(LOCK)] if section else []
    for each in raw:
        code.append(_insn(each, code, section))
    return (*code, Insn(UNLOCK)) if section else tuple(code)


# No integers are drawn: Hypothesis mixes into them the constants of modules that are imported
# and not installed, so a checkout and a wheel would be asked different programs.
_RAW = st.binary(min_size=3, max_size=3)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Programs of two CPUs with up to four instructions, or three with up to three: loads,
    stores, read-modify-writes (compares that fail among them), fences, acquire and release,
    dependencies, RCU sections and grace periods."""
    cpus, longest = (3, 3) if draw(st.booleans()) else (2, 4)
    code = st.builds(_cpu, st.lists(_RAW, min_size=1, max_size=longest), st.booleans())
    return Program(tuple(draw(code) for _ in range(cpus)))


_MODELS = ("sc", "tso", "arm64")
_WIDTHS = (1, 2, 4, 16)


def _search(folder: Path, command: list[str]) -> list[str]:
    """The search, as the editable build has just made it, or made here from its sources."""
    built = sorted(ROOT.glob("build/cp*/csrc/libmodel.a"), key=lambda p: p.stat().st_mtime)
    if built:
        libraries = [str(built[-1]), *map(str, built[-1].parent.glob("libsearch_*.a"))]
        return ["-Wl,--start-group", *libraries, "-Wl,--end-group"]
    left_out = {"api.c", "ops.c", "script.c"}  # they belong to the border
    model = ROOT / "csrc" / "model"
    return [
        *(str(p) for p in model.glob("*.c") if p.name not in left_out),
        *(
            str(_unit(folder, command, number, name, words))
            for number, name in enumerate(_MODELS)
            for words in _WIDTHS
        ),
    ]


def _unit(folder: Path, command: list[str], number: int, name: str, words: int) -> Path:
    """One search, for one memory model and one width, as csrc/meson.build has it."""
    target = folder / f"search_{name}_{words}.o"
    entry = f"-DSEARCH_ENTRY=explore_{name}_{words}"
    unit = str(ROOT / "csrc" / "model" / "search" / "unit.c")
    flags = [f"-DSEARCH_MODEL={number}", f"-DWORDS={words}", entry]
    subprocess.run([*command, *flags, "-c", "-o", str(target), unit], check=True)
    return target


_PARTS = ("serve.c", "program.c", "run_model.c", "brute_tso.c", "brute_arm64.c")


def build_server(folder: Path, name: str = "serve", names: tuple[str, ...] = _PARTS) -> Path:
    """The C side, compiled in a few seconds, hence without optimisation."""
    here, csrc = Path(__file__).parent, ROOT / "csrc"
    command = [*compiler(), "-O0", "-std=gnu11", "-D_GNU_SOURCE", "-pthread"]
    command += [f"-I{csrc}", f"-I{csrc / 'model'}", f"-I{here}"]
    target = folder / name
    sources = [*(str(here / name) for name in names), *_search(folder, command)]
    subprocess.run([*command, "-o", str(target), *sources], check=True)
    return target


class Server:
    """The C side as a process that answers programs; `twin` breaks the search on purpose."""

    def __init__(self, binary: Path, twin: int = 0) -> None:
        self._process = subprocess.Popen(
            [binary, str(twin)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, program: Program, model: str) -> str:
        """`equal ...`, `differs ...`, `twice ...` or `full`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(program.line(model) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def served(binary: Path, twin: int = 0) -> Iterator[Server]:
    """A server for the time of a fixture."""
    server = Server(binary, twin)
    yield server
    server.close()
