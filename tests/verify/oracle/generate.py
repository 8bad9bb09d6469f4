"""Draw programs: the same ones for the same model and seed."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from oracle.cycles import cycle, of_two_loads
from oracle.program import RMW, Code, Op, Program, key, walk

# What a program may be drawn from; each model gets every feature it tells apart.
STORE_VALUES = (1, 2)
_PAIRS = ((8, 4), (4, 2), (2, 1), (8, 4), (4, 2))
_LOADS = {
    "sc": ("relaxed", "relaxed", "acquire", "seq_cst"),
    "tso": ("relaxed", "relaxed", "relaxed", "acquire", "seq_cst"),
    "arm64": ("relaxed",) * 6 + ("acquire", "acquire", "acquire_pc", "acquire_pc", "seq_cst"),
}
_STORES = ("relaxed",) * 6 + ("release", "release", "seq_cst")
_RMWS = ("relaxed", "acquire", "release", "acq_rel", "full", "full", "seq_cst")
HEAVIEST = 10  # what herd7 answers in a tenth of a second, nearly always
_FENCES = ("mb", "mb", "rmb", "wmb")


@dataclass
class Plan:
    """What a program is to look like."""

    model: str
    cpus: int
    ops: int  # of each CPU, at most
    words: int
    sizes: tuple[int, ...]  # the first is the unit of memory
    rmw: float
    fence: float
    dependency: float


def _plan(rng: random.Random, model: str, mixed: bool) -> Plan:
    cpus = rng.choice((2, 2, 2, 3, 3, 4))
    ops = {2: rng.choice((2, 3, 3, 4)), 3: rng.choice((2, 2, 3)), 4: rng.choice((1, 2))}[cpus]
    if mixed:
        cpus = min(cpus, 3)
        ops = {2: rng.choice((2, 2, 3)), 3: rng.choice((1, 2))}[cpus]
        sizes: tuple[int, ...] = rng.choice(_PAIRS)
        words = rng.choice((1, 1, 2))
    else:
        sizes = (rng.choice((4, 4, 8)),)
        words = rng.choice((2, 2, 2, 3))
    rmw = rng.choice((0.0, 0.0, 0.2, 0.4))
    fence = rng.choice((0.0, 0.15, 0.3))
    dependency = rng.choice((0.0, 0.3, 0.6)) if model == "arm64" else rng.choice((0.0, 0.3))
    return Plan(model, cpus, ops, words, sizes, rmw, fence, dependency)


class _Draw:
    """The code of one CPU."""

    def __init__(self, rng: random.Random, plan: Plan) -> None:
        self.rng, self.plan = rng, plan
        self.sizes: list[int] = []  # of the registers so far

    def registers(self, at_most: int = 2) -> tuple[int, ...]:
        """One that was loaded, or two."""
        small = [i for i, size in enumerate(self.sizes) if size == self.sizes[-1]]
        count = 2 if at_most > 1 and len(small) > 1 and self.rng.random() < 0.25 else 1
        return tuple(sorted(self.rng.sample(small, count)))

    def depends(self) -> bool:
        """Whether the next operation gets a dependency, where there is a register for it."""
        return bool(self.sizes) and self.rng.random() < self.plan.dependency

    def place(self, op: Op) -> Op:
        """With an address."""
        rng, plan = self.rng, self.plan
        unit = plan.sizes[0]
        size = rng.choice(plan.sizes)
        offset = rng.randrange(plan.words) * unit + rng.randrange(unit // size) * size
        op = replace(op, size=size, offset=offset)
        if not self.depends():
            return op
        if rng.random() < 0.3:
            return replace(op, address_false=self.registers(1))
        if len(plan.sizes) == 1 and rng.random() < 0.6:
            return replace(
                op, address=self.registers(), stride=unit, offset=rng.choice((0, 0, offset))
            )
        return op

    def value(self, op: Op) -> Op:
        """With a value to store."""
        rng, plan = self.rng, self.plan
        op = replace(op, value=self.constant(op.size))
        if not self.depends():
            return op
        if rng.random() < 0.3:
            return replace(op, data_false=self.registers(1))
        if len(plan.sizes) == 1 or self.sizes[-1] <= op.size:
            return replace(op, data=self.registers(), value=rng.choice((0, 1, 1)))
        return op

    def constant(self, size: int) -> int:
        """A small number, or one in each part of a word that is read in parts."""
        value = self.rng.choice(STORE_VALUES)
        part = min(self.plan.sizes)
        if size > part and self.rng.random() < 0.7:
            value += self.rng.choice(STORE_VALUES) << (8 * part)
        return value

    def op(self) -> Op:
        """One operation that is no branch."""
        rng, plan = self.rng, self.plan
        if rng.random() < plan.fence:
            return Op("fence", rng.choice(_FENCES))
        if rng.random() < plan.rmw:
            kind = rng.choice(RMW)
            op = self.value(self.place(Op(kind, rng.choice(_RMWS))))
            if kind == "cas":
                old = rng.choice((0, 0, 1, 2))
                op = replace(
                    op,
                    old=old
                    if op.size == min(plan.sizes)
                    else rng.choice((0, old, self.constant(op.size))),
                )
        elif rng.random() < 0.5:
            op = self.place(Op("load", rng.choice(_LOADS[plan.model])))
        else:
            op = self.value(self.place(Op("store", rng.choice(_STORES))))
        if op.reads:
            self.sizes.append(op.size)
        return op

    def code(self, left: int) -> Code:
        """So many operations; what follows a real branch stands in it."""
        code: list[Op] = []
        while left > 0:
            if self.depends() and self.rng.random() < 0.35:
                code.append(self.branch(left))
                if code[-1].body != code[-1].other:
                    break
                left -= len(code[-1].body)
            else:
                code.append(self.op())
                left -= 1
        return tuple(code)

    def branch(self, left: int) -> Op:
        """A real one with the rest in it, an empty one, or one with the same store twice."""
        rng = self.rng
        relation = rng.choice(("==", "==", "!="))
        registers = self.registers()
        head = Op("if", relation, value=1 if relation == "==" else 0, data=registers)
        sort = rng.random()
        if sort < 0.12:
            return head
        if sort < 0.3:
            store = self.value(self.place(Op("store")))
            return replace(head, body=(store,), other=(store,))
        return replace(head, body=self.code(left))


def largest(program: Program) -> int:
    """No value that is read or stored in this program, of one size, is larger."""
    value = max((max(op.value, op.old) for op in program.ops() if op.kind != "if"), default=0)
    changes = [op for op in program.ops() if (op.data and op.kind != "if") or op.kind == "add"]
    value += sum(op.value for op in changes)
    for op in changes:
        value *= max(1, len(op.data) + (op.kind == "add"))
    return value


def _with_memory(program: Program, words: int) -> Program | None:
    """With as many words as its addresses can reach; None: too many."""
    reach = words
    for op in program.ops():
        if op.address:
            reach = max(reach, len(op.address) * largest(program) + op.offset // program.unit + 1)
    return replace(program, memory=reach * program.unit) if reach <= 8 else None


def _touched(program: Program, op: Op) -> set[int]:
    """The bytes of memory that an access may touch."""
    return set(range(program.memory)) if op.address else {*range(op.offset, op.offset + op.size)}


def _worth_asking(program: Program) -> bool:
    """Every CPU meets another: at bytes that one of them writes."""
    seen: list[set[int]] = []
    written: list[set[int]] = []
    for code in program.cpus:
        accesses = [op for op in walk(code) if op.kind not in ("fence", "if")]
        seen.append(set().union(*(_touched(program, op) for op in accesses)))
        written.append(
            set().union(*(_touched(program, op) for op in accesses if op.kind != "load"))
        )
    cpus = range(len(program.cpus))
    return (
        all(any(seen[a] & written[b] or seen[b] & written[a] for b in cpus if b != a) for a in cpus)
        and sum(op.reads for op in program.ops()) > 0
    )


def weight(program: Program) -> int:
    """How long herd7 takes for it, roughly: candidates are reads times writes."""
    reads = sum(op.reads for op in program.ops())
    writes = sum(op.kind in ("store", *RMW) for op in program.ops())
    parts = max(op.size for op in program.ops()) // min(
        op.size for op in program.ops() if op.kind not in ("fence", "if")
    )
    depth = sum(2 for op in program.ops() if op.kind in RMW)
    depth += sum(len(op.address) for op in program.ops())
    return (reads + writes) * (1 if not program.mixed else parts) + depth


def _drawn(rng: random.Random, model: str) -> Program | None:
    """One program, or None where the draw has no sense."""
    sort = rng.random()
    if sort < 0.5:
        made = cycle(rng, lone=sort < 0.2)
        return made and _with_memory(made, max(2, made.memory // made.unit))
    plan = _plan(rng, model, mixed=sort > 0.8)
    cpus = tuple(
        _Draw(rng, plan).code(rng.randint(max(1, plan.ops - 1), plan.ops)) for _ in range(plan.cpus)
    )
    made = _with_memory(Program(plan.sizes[0], 0, cpus), plan.words)
    return made if made and made.mixed == (sort > 0.8) else None


def draw(model: str, seed: int) -> Iterator[Program]:
    """Programs without end, none twice: half are cycles, of five one has two sizes."""
    rng = random.Random(f"{model} {seed}")
    seen = set()
    while True:
        made = _drawn(rng, model)
        if made is None or not _worth_asking(made) or weight(made) > HEAVIEST:
            continue
        if max(made.registers(c) for c in range(len(made.cpus))) > 7:
            continue
        if key(made) not in seen:
            seen.add(key(made))
            yield made


def draw_two(model: str, seed: int) -> Iterator[Program]:
    """Programs without end, none twice, each with a dependency on two loads."""
    rng = random.Random(f"{model} {seed} two")
    seen = set()
    while True:
        drawn = of_two_loads(rng)
        made = _with_memory(drawn, drawn.memory // drawn.unit)
        if made and key(made) not in seen:
            seen.add(key(made))
            yield made


def name(program: Program) -> str:
    """A short one, the same for the same program."""
    return hashlib.sha256(key(program).encode()).hexdigest()[:8]
