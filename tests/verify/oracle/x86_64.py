"""Programs as text for herd7 in x86-64: a plain move for every load and store, fences of
loads or of stores are none, each read-modify-write is locked.

%rdi holds the address of memory, %r8 and up the results, %rbx, %rcx and %rdx what is
computed. herd7 knows no `xadd`: an addition is a load and a locked compare-and-exchange
that succeeds. The load stands right before, where the store buffer is empty, so it orders
nothing; runs in which the compare failed (%rsi is set) do not count.
"""

from __future__ import annotations

from oracle.program import Code, Op, Program
from oracle.text import Column, Test, test

_BASE, _FAILED = "rdi", "rsi"
_SUFFIX = {1: "b", 2: "w", 4: "l", 8: "q"}


def _letter(letter: str, size: int) -> str:
    return {8: f"%r{letter}x", 4: f"%e{letter}x", 2: f"%{letter}x", 1: f"%{letter}l"}[size]


def _result(number: int, size: int) -> str:
    return f"%r{number + 8}" + {8: "", 4: "d", 2: "w", 1: "b"}[size]


class _Cpu:
    def __init__(self, number: int) -> None:
        self.column = Column(number)
        self.reads = 0
        self.fails = False

    def sum(self, letter: str, registers: tuple[int, ...], size: int) -> str:
        """Moved into the register of this letter."""
        into = _letter(letter, size)
        s = _SUFFIX[size]
        self.column.put(f"mov{s} {_result(registers[0], size)},{into}")
        for r in registers[1:]:
            self.column.put(f"add{s} {_result(r, size)},{into}")
        return into

    def address(self, op: Op) -> str:
        """An operand."""
        offset = str(op.offset) if op.offset else ""
        if not op.address:
            return f"{offset}(%rdi)"
        self.sum("b", op.address, 8)
        return f"{offset}(%rdi,%rbx,{op.stride})"

    def value(self, op: Op) -> str:
        """The register of what is stored, added or exchanged."""
        s = _SUFFIX[op.size]
        if not op.data:
            self.column.put(f"mov{s} ${op.value},{_letter('c', op.size)}")
            return _letter("c", op.size)
        into = self.sum("c", op.data, op.size)
        if op.value:
            self.column.put(f"add{s} ${op.value},{into}")
        return into

    def result(self, op: Op) -> str:
        """The next result."""
        self.reads += 1
        return _result(self.reads - 1, op.size)

    def access(self, op: Op) -> None:
        """Any access."""
        put, s = self.column.put, _SUFFIX[op.size]
        at = self.address(op)
        if op.kind == "load":
            put(f"mov{s} {at},{self.result(op)}")
            return
        value = self.value(op)
        if op.kind == "store":
            if op.order == "seq_cst":
                put(f"xchg{s} {value},{at}")
            else:
                put(f"mov{s} {value},{at}")
        elif op.kind == "xchg":
            put(f"xchg{s} {value},{at}", f"mov{s} {value},{self.result(op)}")
        elif op.kind == "cas":
            a = _letter("a", op.size)
            put(f"mov{s} ${op.old},{a}", f"lock cmpxchg{s} {at},{value}")
            put(f"mov{s} {a},{self.result(op)}")
        else:
            self.add(op, at, value)

    def add(self, op: Op, at: str, value: str) -> None:
        """As a load and a compare that succeeds."""
        put, s = self.column.put, _SUFFIX[op.size]
        a, d = _letter("a", op.size), _letter("d", op.size)
        put(f"mov{s} {at},{a}", f"mov{s} {a},{d}", f"add{s} {a},{value}")
        put(f"lock cmpxchg{s} {at},{value}", f"mov{s} {a},{self.result(op)}")
        put(f"cmp{s} {a},{d}", f"jne {self.column.failed}")
        self.fails = True

    def code(self, code: Code) -> None:
        """Operations; a branch that is not taken leads to the end of the CPU's code."""
        for op in code:
            if op.kind == "fence":
                if op.order == "mb":
                    self.column.put("mfence")
            elif op.kind == "if":
                self.branch(op)
            else:
                self.access(op)

    def branch(self, op: Op) -> None:
        """A real one; without a body, or with the same on both sides, it is none."""
        if op.body != op.other:
            register = self.sum("d", op.data, 8)
            self.column.put(f"cmpq ${op.value},{register}")
            self.column.put(f"{'jne' if op.order == '==' else 'je'} {self.column.end}")
        self.code(op.body)

    def finish(self) -> None:
        """The ways out."""
        if self.fails:
            self.column.put(f"jmp {self.column.end}", f"{self.column.failed}:", "movl $1,%esi")
        self.column.put(f"{self.column.end}:")


def as_test(name: str, program: Program) -> Test:
    """The text for herd7."""
    cpus = []
    for number, code in enumerate(program.cpus):
        cpu = _Cpu(number)
        cpu.code(code)
        cpu.finish()
        cpus.append(cpu)
    results = [tuple(f"r{k + 8}" for k in range(c.reads)) for c in cpus]
    zero = [_FAILED if c.fails else "" for c in cpus]
    return test("X86_64", name, program, [c.column for c in cpus], _BASE, results, zero)
