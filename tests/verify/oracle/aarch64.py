"""Programs as text for herd7 in AArch64: read-modify-writes as LL/SC or as LSE.

X0 holds the address of memory, X1 and up the results, X20 and up what is computed; X28 is
set where a store-exclusive failed, and such runs do not count.
"""

from __future__ import annotations

from oracle.program import RMW, Code, Op, Program
from oracle.text import Column, Test, test

_BASE, _FAILED = "X0", "X28"
_SUFFIX = {1: "B", 2: "H", 4: "", 8: ""}
_FENCE = {"mb": "DMB ISH", "rmb": "DMB ISHLD", "wmb": "DMB ISHST"}
_LOAD = {"relaxed": "LDR", "acquire": "LDAR", "acquire_pc": "LDAPR", "seq_cst": "LDAR"}
_STORE = {"relaxed": "STR", "release": "STLR", "seq_cst": "STLR"}
_ACQUIRES = ("acquire", "acq_rel", "seq_cst")
_RELEASES = ("release", "acq_rel", "seq_cst", "full")
_LSE = {"relaxed": "", "acquire": "A", "release": "L"}  # every other: AL


def _reg(number: int, size: int) -> str:
    return f"{'X' if size == 8 else 'W'}{number}"


class _Cpu:
    def __init__(self, number: int, llsc: bool) -> None:
        self.column = Column(number)
        self.llsc = llsc
        self.reads = 0
        self.fails = False

    def sum(self, into: int, registers: tuple[int, ...], size: int) -> int:
        """The number of the register that holds the sum."""
        if len(registers) == 1:
            return registers[0] + 1
        a, b = (_reg(r + 1, size) for r in registers)
        self.column.put(f"ADD {_reg(into, size)},{a},{b}")
        return into

    def address(self, op: Op, plain: bool) -> str:
        """An operand; `plain`: it may have an offset."""
        if op.address:
            index = self.sum(21, op.address, 8)
            shift = op.stride.bit_length() - 1
            tail = f",LSL #{shift}" if shift else ""
            self.column.put(f"ADD X20,X0,X{index}{tail}")
            if op.offset:
                self.column.put(f"ADD X20,X20,#{op.offset}")
            return "[X20]"
        if not op.offset:
            return "[X0]"
        if plain:
            return f"[X0,#{op.offset}]"
        self.column.put(f"ADD X20,X0,#{op.offset}")
        return "[X20]"

    def constant(self, number: int, value: int, size: int) -> str:
        """A register that holds it."""
        register = _reg(number, size)
        self.column.put(f"MOV {register},#{value & 0xFFFF}")
        for shift in range(16, 8 * size, 16):
            if part := value >> shift & 0xFFFF:
                self.column.put(f"MOVK {register},#{part},LSL #{shift}")
        return register

    def value(self, op: Op) -> str:
        """The register of what is stored, added or exchanged."""
        size = op.size
        if not op.data:
            return self.constant(22, op.value, size)
        register = self.sum(22, op.data, size)
        if op.value:
            self.column.put(f"ADD {_reg(22, size)},{_reg(register, size)},#{op.value}")
            register = 22
        return _reg(register, size)

    def result(self, op: Op) -> str:
        """The next result."""
        self.reads += 1
        return _reg(self.reads, op.size)

    def access(self, op: Op) -> None:
        """A load or a store."""
        plain = op.order == "relaxed"
        at = self.address(op, plain)
        if op.kind == "load":
            self.column.put(f"{_LOAD[op.order]}{_SUFFIX[op.size]} {self.result(op)},{at}")
        else:
            value = self.value(op)
            self.column.put(f"{_STORE[op.order]}{_SUFFIX[op.size]} {value},{at}")

    def lse(self, op: Op) -> None:
        """A read-modify-write of one instruction."""
        at, value, into = self.address(op, False), self.value(op), self.result(op)
        form = _LSE.get(op.order, "AL") + _SUFFIX[op.size]
        if op.kind == "cas":
            self.constant(self.reads, op.old, op.size)
            self.column.put(f"CAS{form} {into},{value},{at}")
        else:
            name = "LDADD" if op.kind == "add" else "SWP"
            self.column.put(f"{name}{form} {value},{into},{at}")

    def exclusive(self, op: Op) -> None:
        """One turn of the loop of a load-exclusive and a store-exclusive that succeeds."""
        put, suffix = self.column.put, _SUFFIX[op.size]
        at, value, into = self.address(op, False), self.value(op), self.result(op)
        after = self.column.label()
        put(f"LD{'A' if op.order in _ACQUIRES else ''}XR{suffix} {into},{at}")
        if op.kind == "cas":
            put(f"CMP {into},{self.constant(26, op.old, op.size)}", f"B.NE {after}")
        elif op.kind == "add":
            put(f"ADD {_reg(23, op.size)},{into},{value}")
            value = _reg(23, op.size)
        put(f"ST{'L' if op.order in _RELEASES else ''}XR{suffix} W24,{value},{at}")
        put(f"CBNZ W24,{self.column.failed}")
        self.fails = True
        if op.order == "full":
            put("DMB ISH")
        put(f"{after}:")

    def code(self, code: Code) -> None:
        """Operations; a branch that is not taken leads to the end of the CPU's code."""
        for op in code:
            if op.kind == "fence":
                self.column.put(_FENCE[op.order])
            elif op.kind == "if":
                self.branch(op)
            elif op.kind in RMW:
                (self.exclusive if self.llsc else self.lse)(op)
            else:
                self.access(op)

    def branch(self, op: Op) -> None:
        """A real one; without a body, or with the same on both sides, it is none."""
        if op.body == op.other:
            self.code(op.body)
            return
        register = self.sum(25, op.data, 8)
        self.column.put(f"CMP X{register},#{op.value}")
        self.column.put(f"B.{'NE' if op.order == '==' else 'EQ'} {self.column.end}")
        self.code(op.body)

    def finish(self) -> None:
        """The ways out."""
        if self.fails:
            self.column.put(f"B {self.column.end}", f"{self.column.failed}:", "MOV W28,#1")
        self.column.put(f"{self.column.end}:")


def as_test(name: str, program: Program, llsc: bool) -> Test:
    """The text for herd7."""
    cpus = []
    for number, code in enumerate(program.cpus):
        cpu = _Cpu(number, llsc)
        cpu.code(code)
        cpu.finish()
        cpus.append(cpu)
    results = [tuple(f"X{k + 1}" for k in range(c.reads)) for c in cpus]
    zero = [_FAILED if c.fails else "" for c in cpus]
    return test("AArch64", name, program, [c.column for c in cpus], _BASE, results, zero)
