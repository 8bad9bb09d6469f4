"""A program as a scenario file, in C as a user writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from oracle.program import Code, Op, Program
from oracle.text import State

_TYPES = {1: "unsigned char", 2: "unsigned short", 4: "unsigned int", 8: "unsigned long"}
_FENCES = {"mb": "smp_mb()", "rmb": "smp_rmb()", "wmb": "smp_wmb()"}
_MACH = {"acq_rel": "MACH_ACQ_REL", "acquire_pc": "MACH_ACQUIRE_PC", "seq_cst": "MACH_SEQ_CST"}
_SUFFIX = {"relaxed": "_relaxed", "acquire": "_acquire", "release": "_release", "full": ""}
_SITE = 'KAPI_SITE("{}")'
MOST_STATES = 30  # rows of outcomes that a scenario may have, with some to spare


def _sum(op: Op, registers: tuple[int, ...], false: tuple[int, ...]) -> list[str]:
    return [f"r{r}" for r in registers] + [f"(r{r} ^ r{r})" for r in false]


def _value(op: Op) -> str:
    parts = _sum(op, op.data, op.data_false)
    if op.value or not parts:
        parts.insert(0, f"{op.value}{'ul' if op.value > 0x7FFFFFFF else ''}")
    return " + ".join(parts)


def _at(op: Op, unit: int) -> str:
    """An lvalue: an element of the array of this size."""
    index = [str(op.offset // op.size)]
    assert not op.address or op.stride == op.size == unit
    index += _sum(op, op.address, op.address_false)
    if len(index) > 1 and index[0] == "0":
        del index[0]
    return f"s->as{op.size}[{' + '.join(index)}]"


def _mach(name: str, at: str, op: Op, *values: str) -> str:
    words = [f"&{at}", *values, _MACH[op.order], _SITE.format(f"{name} {op.order}")]
    return f"mach_{name}({', '.join(words)})"


def _load(op: Op, at: str) -> str:
    if op.order in _MACH:
        return _mach("load", at, op)
    return f"READ_ONCE({at})" if op.order == "relaxed" else f"smp_load_acquire(&{at})"


def _store(op: Op, at: str) -> str:
    if op.order in _MACH:
        return _mach("store", at, op, _value(op))
    if op.order == "release":
        return f"smp_store_release(&{at}, {_value(op)})"
    return f"WRITE_ONCE({at}, {_value(op)})"


def _xchg(op: Op, at: str) -> str:
    if op.order in _MACH:
        return _mach("xchg", at, op, _value(op))
    return f"xchg{_SUFFIX[op.order]}(&{at}, {_value(op)})"


def _cas(op: Op, at: str) -> str:
    old = f"{op.old}{'ul' if op.old > 0x7FFFFFFF else ''}"
    if op.order in _MACH:
        return _mach("cmpxchg", at, op, old, _value(op))
    return f"cmpxchg{_SUFFIX[op.order]}(&{at}, {old}, {_value(op)})"


def _add(op: Op, at: str) -> str:
    order = _MACH.get(op.order, f"MACH_{op.order.upper()}")
    site = _SITE.format(f"fetch_add {op.order}")
    return f"mach_fetch_add(&{at}, {_value(op)}, {order}, {site})"


_WAYS: dict[str, Callable[[Op, str], str]] = {
    "load": _load,
    "store": _store,
    "xchg": _xchg,
    "cas": _cas,
    "add": _add,
}


def _statements(code: Code, unit: int, next_register: list[int], indent: str) -> list[str]:
    lines = []
    for op in code:
        if op.kind == "fence":
            lines.append(f"{indent}{_FENCES[op.order]};")
        elif op.kind == "if":
            condition = " + ".join(_sum(op, op.data, op.data_false))
            lines.append(f"{indent}if ({condition} {op.order} {op.value}) {{")
            lines += _statements(op.body, unit, next_register, indent + "\t")
            if op.other:
                lines.append(f"{indent}}} else {{")
                lines += _statements(op.other, unit, next_register, indent + "\t")
            lines.append(f"{indent}}}")
        else:
            text = _WAYS[op.kind](op, _at(op, unit))
            if op.reads:
                text = f"r{next_register[0]} = {text}"
                next_register[0] += 1
            lines.append(f"{indent}{text};")
    return lines


def _seen(program: Program) -> list[str]:
    """The values of a final state, as CHECK sees them, in the order of a state."""
    width = bits(program)
    registers = [
        f"(r[{cpu}] >> {width * k} & {(1 << width) - 1}u)"
        for cpu in range(len(program.cpus))
        for k in range(program.registers(cpu))
    ]
    words = [f"READ_ONCE(s->as{program.unit}[{w}])" for w in range(len(program.words))]
    return [*registers, *words]


def bits(program: Program) -> int:
    """Bits of each register in what an actor returns."""
    return 32 // max(1, *(program.registers(c) for c in range(len(program.cpus))))


def fits(program: Program, states: Iterable[State]) -> bool:
    """Whether every state can be told by what actors return and by so many outcomes."""
    rows = list(states)
    registers = sum(program.registers(c) for c in range(len(program.cpus)))
    return len(rows) <= MOST_STATES and all(
        value < 1 << bits(program) for state in rows for value in state[:registers]
    )


def _actor(program: Program, cpu: int) -> list[str]:
    count, width = program.registers(cpu), bits(program)
    lines = [f"ACTOR(cpu{cpu})\n{{"]
    if count:
        names = ", ".join(f"r{k} = 0" for k in range(count))
        lines.append(f"\tunsigned long {names};\n")
    lines += _statements(program.cpus[cpu], program.unit, [0], "\t")
    result = " | ".join(f"r{k} << {width * k}" if k else "r0" for k in range(count)) or "0"
    return [*lines, f"\treturn (unsigned)({result});\n}}"]


def _checked(program: Program, states: list[State]) -> list[str]:
    seen = _seen(program)
    lines = ["CHECK\n{", "\t(void)s;", "\t(void)r;"]
    lines += [f"\tunsigned long v{k} = {text};" for k, text in enumerate(seen)]
    for row, state in enumerate(states):
        same = " && ".join(f"v{k} == {value}ul" for k, value in enumerate(state))
        lines.append(f"\tif ({same})\n\t\treturn {row};")
    return [*lines, f"\treturn {len(states)};\n}}"]


def scenario(program: Program, ident: str, states: Iterable[State] = ()) -> str:
    """The file: an outcome for each of these final states, `unlisted` for every other."""
    rows = sorted(states)
    arrays = " ".join(
        f"{_TYPES[size]} as{size}[{program.memory // size}];"
        for size in sorted({program.unit, *(op.size for op in program.ops())})
        if size <= program.unit
    )
    lines = ["#include <kapi.h>", f"struct state {{ union {{ {arrays} }}; }};"]
    for cpu in range(len(program.cpus)):
        lines += _actor(program, cpu)
    lines += ["INIT { (void)s; }", *_checked(program, rows), "OUTCOMES {"]
    lines += [f'\tOK("{name(row)}", "{state}"),' for row, state in enumerate(rows)]
    lines += ['\tFORBIDDEN("unlisted", "a state that is not listed")', "};"]
    actors = ", ".join(f"cpu{c}" for c in range(len(program.cpus)))
    lines.append(f'SCENARIO({ident}, "a program of the oracle", {actors});')
    return "\n".join(lines) + "\n"


def name(row: int) -> str:
    """The outcome of this row."""
    return f"state-{row}"
