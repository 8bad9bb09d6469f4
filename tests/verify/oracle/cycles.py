"""Programs that are sensitive: a cycle of accesses of 2 to 4 CPUs, as the known litmus
tests are (MP, SB, LB, S, R, 2+2W, WRC, ISA2, IRIW, ..), each pair of a CPU's accesses with
something, or nothing, that orders it."""

from __future__ import annotations

import random
from dataclasses import replace

from oracle.program import RMW, Code, Op, Program

_RMW_ORDERS = ("relaxed", "acquire", "release", "acq_rel", "full")
_BETWEEN = (
    "none", "mb", "rmb", "wmb", "address", "address", "data", "data", "ctrl", "ctrl",
    "address_false", "data_false", "ctrl_empty", "ctrl_same", "acquire", "acquire_pc",
    "release", "both", "same", "rmw",
)  # fmt: skip


def _access(rng: random.Random, kind: str, size: int, word: int, value: int) -> Op:
    """A load, or a store; now and then as a read-modify-write."""
    op = Op("load" if kind == "R" else "store", size=size, offset=word * size)
    if kind == "W":
        op = replace(op, value=value)
    if rng.random() > 0.12:
        return op
    rmw = rng.choice(RMW)
    op = replace(op, kind=rmw, order=rng.choice(_RMW_ORDERS), value=value)
    return replace(op, old=rng.choice((0, 0, 1))) if rmw == "cas" else op


def _second(rng: random.Random, way: str, first: Op, second: Op, seen: int) -> Code | None:
    """What follows the first access, `second` in the end; None: no such thing here."""
    unit = second.size
    register = int(first.reads) - 1
    if way in ("mb", "rmb", "wmb"):
        return (Op("fence", way), second)
    if way == "address" and first.reads:
        offset = max(0, second.offset - seen * unit)
        return (replace(second, address=(register,), stride=unit, offset=offset),)
    if way == "data" and first.reads and second.kind != "load":
        return (replace(second, data=(register,), value=rng.choice((0, 1))),)
    if way == "ctrl" and first.reads:
        head = Op("if", "==", value=seen, data=(register,), body=(second,))
        return (replace(head, order="!=", value=1 - seen) if rng.random() < 0.2 else head,)
    if way in ("address_false", "data_false") and first.reads:
        if way == "data_false" and second.kind == "load":
            return None
        return (replace(second, **{way: (register,)}),)  # type: ignore[arg-type]
    if way == "ctrl_empty" and first.reads:
        return (Op("if", "==", value=seen, data=(register,)), second)
    if way == "ctrl_same" and first.reads and second.kind == "store":
        return (Op("if", "==", value=seen, data=(register,), body=(second,), other=(second,)),)
    if way == "same":
        again = Op(rng.choice(("load", "store")), size=unit, offset=second.offset)
        return (replace(again, value=3 if again.kind == "store" else 0), second)
    if way == "rmw":
        order = rng.choice(_RMW_ORDERS)
        middle = Op(rng.choice(("add", "xchg")), order, unit, value=1)
        return (replace(middle, offset=rng.choice((first.offset, second.offset))), second)
    return (second,) if way in ("none", "acquire", "acquire_pc", "release", "both") else None


def _first(way: str, first: Op) -> Op:
    if first.kind == "load" and way in ("acquire", "both"):
        return replace(first, order="acquire")
    if first.kind == "load" and way == "acquire_pc":
        return replace(first, order="acquire_pc")
    return first


def _last(way: str, op: Op) -> Op:
    if op.kind == "store" and way in ("release", "both"):
        return replace(op, order="release")
    if op.kind == "load" and way == "both":
        return replace(op, order="acquire")
    return op


def cycle(rng: random.Random, lone: bool) -> Program | None:
    """One program; None: the draw has no sense. `lone`: some CPUs have one access alone."""
    size = rng.choice((4, 4, 8))
    cpus = rng.choice((2, 2, 3, 3, 4))
    single = [lone and rng.random() < 0.4 for _ in range(cpus)]
    if all(single):
        return None
    kinds = [rng.choice("RW") if s else rng.choice(("RR", "RW", "WR", "WW")) for s in single]
    words, word = [], 0
    count = cpus - sum(single)
    for s in single:
        words.append((word, word if s else (word + 1) % count))
        word = words[-1][1]
    code: list[Code] = []
    for me in range(cpus):
        before = kinds[me - 1][-1]
        after = kinds[(me + 1) % cpus][0]
        if (before == "R" and kinds[me][0] == "R") or (kinds[me][-1] == "R" and after == "R"):
            return None
        first = _access(rng, kinds[me][0], size, words[me][0], 1)
        if single[me]:
            code.append((first,))
            continue
        way = rng.choice(_BETWEEN)
        first = _first(way, first)
        second = _last(way, _access(rng, kinds[me][1], size, words[me][1], 1))
        seen = int(before == "W" and kinds[me][0] == "R")
        rest = _second(rng, way, first, second, seen)
        if rest is None:
            return None
        code.append((first, *rest))
    order = list(range(cpus))
    rng.shuffle(order)
    return Program(size, count * size, tuple(code[i] for i in order))


def of_two_loads(rng: random.Random) -> Program:
    """An access that depends on two loads, each of which another CPU may overtake."""
    size = rng.choice((4, 8))
    x, y, z = (Op("load", size=size, offset=k * size) for k in range(3))
    way = rng.choice(("address", "address", "data", "data", "ctrl"))
    last = replace(z, kind="store", value=rng.choice((0, 1)))
    if way == "data":
        last = replace(last, data=(0, 1))
    elif way == "address":
        op = rng.choice((z, replace(last, value=1)))
        last = replace(op, address=(0, 1), stride=size, offset=rng.choice((0, 1, 2)) * size)
    else:
        body = rng.choice((z, replace(last, value=1)))
        last = Op("if", "==", value=rng.choice((1, 2)), data=(0, 1), body=(body,))
    reader = (rng.choice((x, replace(x, order="acquire"))), y, last)
    first = rng.choice((z, replace(z, kind="store", value=1)))
    middle = rng.choice(((), (Op("fence", "mb"),), (Op("fence", "wmb"),), (Op("fence", "rmb"),)))
    writes = [replace(op, kind="store", value=1) for op in (x, y)]
    if rng.random() < 0.5:
        rng.shuffle(writes)
        return Program(size, 3 * size, (reader, (first, *middle, *writes)))
    return Program(size, 3 * size, (reader, (first, *middle, writes[0]), (writes[1],)))
