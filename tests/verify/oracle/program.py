"""A program as data: what herd7 is asked, what the search is asked, what is kept.

A program is the code of 2 to 4 CPUs over one block of `memory` bytes that starts as zero.
Each operation that reads gives a register; the registers of a CPU are numbered in the order
in which these operations stand in its text. A register that is never set is 0.

One operation is kept as a list of the fields of `Op` in their order; what stands at the end
and is the default is left out. The address of an access is

    offset + stride * (sum of the registers `address`) + sum of r ^ r of `address_false`

bytes into the block, the value that it stores or adds is

    value + sum of the registers `data` + sum of r ^ r of `data_false`

so an expression of `..._false` is none: no compiler keeps it. `if` compares `value` with the
sum of the registers `data`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields

MODELS = ("sc", "tso", "arm64")
READS = ("load", "add", "xchg", "cas")
RMW = ("add", "xchg", "cas")
WRITES = ("store", *RMW)
# The numbers that the interpreter (oracle_serve.c) knows them by.
KINDS = ("load", "store", "add", "xchg", "cas", "fence", "if")
ORDERS = ("relaxed", "acquire", "release", "full", "acq_rel", "acquire_pc", "seq_cst")
FENCES = ("mb", "rmb", "wmb")
RELATIONS = ("==", "!=")


@dataclass(frozen=True)
class Op:
    """One operation. `order`: of a fence its kind, of an `if` its relation."""

    kind: str
    order: str = "relaxed"
    size: int = 4
    offset: int = 0
    stride: int = 0
    address: tuple[int, ...] = ()
    address_false: tuple[int, ...] = ()
    value: int = 0
    data: tuple[int, ...] = ()
    data_false: tuple[int, ...] = ()
    old: int = 0
    body: tuple[Op, ...] = ()
    other: tuple[Op, ...] = ()

    @property
    def reads(self) -> bool:
        """Whether it sets a register."""
        return self.kind in READS


Code = tuple[Op, ...]


@dataclass(frozen=True)
class Program:
    """`unit`: bytes of the words that the final memory is told in."""

    unit: int
    memory: int
    cpus: tuple[Code, ...]

    @property
    def words(self) -> range:
        """Offsets of the words of memory."""
        return range(0, self.memory, self.unit)

    @property
    def mixed(self) -> bool:
        """Whether accesses of two sizes occur."""
        return len({op.size for op in self.ops() if op.kind in (*READS, "store")}) > 1

    def ops(self) -> Iterator[Op]:
        """Every operation of every CPU."""
        for code in self.cpus:
            yield from walk(code)

    def registers(self, cpu: int) -> int:
        """Registers of one CPU."""
        return sum(op.reads for op in walk(self.cpus[cpu]))


def walk(code: Code) -> Iterator[Op]:
    """Operations in the order of the text, what stands in a branch too."""
    for op in code:
        yield op
        yield from walk(op.body)
        yield from walk(op.other)


def _packed(op: Op) -> list[object]:
    values = [getattr(op, f.name) for f in fields(op)]
    defaults = [f.default for f in fields(op)]
    while values[1:] and values[-1] == defaults[len(values) - 1]:
        values.pop()
    return [
        [_packed(o) for o in v] if name in ("body", "other") else v
        for name, v in zip((f.name for f in fields(op)), values, strict=False)
    ]


def _unpacked(packed: list[object]) -> Op:
    named = dict(zip((f.name for f in fields(Op)), packed, strict=False))
    for name, value in named.items():
        if name in ("body", "other"):
            named[name] = tuple(_unpacked(o) for o in value)  # type: ignore[attr-defined]
        elif isinstance(value, list):
            named[name] = tuple(value)
    return Op(**named)  # type: ignore[arg-type]


def to_json(program: Program) -> list[object]:
    """The form that is kept."""
    return [program.unit, program.memory, [[_packed(op) for op in c] for c in program.cpus]]


def from_json(kept: list[object]) -> Program:
    """A program that was kept."""
    unit, memory, cpus = kept
    return Program(unit, memory, tuple(tuple(map(_unpacked, c)) for c in cpus))  # type: ignore


def key(program: Program) -> str:
    """Equal for equal programs."""
    return json.dumps(to_json(program), separators=(",", ":"))


FLAT = 15  # numbers of one operation in a flat list


def _pair(registers: tuple[int, ...]) -> list[int]:
    return [*registers, *([-1] * (2 - len(registers)))]


def _flat(code: Code) -> list[list[int]]:
    rows: list[list[int]] = []
    for op in code:
        body = _flat(op.body)
        names = {"fence": FENCES, "if": RELATIONS}.get(op.kind, ORDERS)
        false = [(*r, -1)[0] for r in (op.address_false, op.data_false)]
        head = [KINDS.index(op.kind), names.index(op.order), op.size, op.offset, op.stride]
        value = [op.value, *_pair(op.data), false[1], op.old]
        rows.append([*head, *_pair(op.address), false[0], *value, len(body), int(op.reads)])
        rows += body
        if op.other:
            # `else` is an `if` of the opposite: what it compares is in registers
            other = _flat(op.other)
            opposite = [*rows[-len(body) - 1]]
            opposite[1] = 1 - opposite[1]
            opposite[13] = len(other)
            rows += [opposite, *other]
    return rows


def flat(program: Program, model: str) -> list[int]:
    """What the interpreter reads: model, CPUs, unit, memory, then for each CPU the number of
    its operations and of each FLAT numbers: kind, order, size, offset, stride, two registers
    of the address and one that is in it as r ^ r, value, two registers of the value and one
    that is in it as r ^ r, old, length of an `if`, whether it sets the next register. A
    register that is not there is -1."""
    numbers = [MODELS.index(model), len(program.cpus), program.unit, program.memory]
    for code in program.cpus:
        rows = _flat(code)
        numbers.append(len(rows))
        for row in rows:
            assert len(row) == FLAT
            numbers += row
    return numbers


def size_of(program: Program) -> int:
    """Operations in all."""
    return sum(1 for _ in program.ops())
