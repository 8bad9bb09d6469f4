"""The claimed instruction is found in the loop where it is, and missed where it is not."""

import shutil

import pytest

from pyharness import _lib
from pyharness.bench.disassembly import disassemble, in_loop, objdump, parse, verdict

LISTING = """
0000000000000000 <.data>:
   0:\tmov    0x30(%rdi),%rdx
   4:\tlock xadd %eax,(%rdx)
   8:\tmov    $0x1,%eax
   d:\tlock cmpxchg %ecx,(%rdx)
  11:\tjne    0x8
  13:\tlock incl (%rdx)
  16:\tret
"""
ARM_LISTING = """
   0:\tldaxr\tw1, [x0]
   4:\tadd\tw1, w1, #0x1
   8:\tstlxr\tw2, w1, [x0]
   c:\tcbnz\tw2, 0x0
  10:\tldaddal\tw1, w2, [x0]
  14:\tb.ne\t0x10  // b.any
  18:\tcas\tw1, w2, [x0]
  1c:\tret
"""
# What a kind of atomics must be made of, and what it must not be.
CLAIMS = {
    "lock": {"xadd": ("lock xadd", "lock cmpxchg"), "add_unless": ("lock cmpxchg", "lock xadd")},
    "llsc": {"xadd": ("stlxr", "ldaddal"), "add_unless": ("stlxr", "casal")},
    "lse": {"xadd": ("ldaddal", "stlxr"), "add_unless": ("casal", "stlxr")},
}


def test_only_what_stands_between_a_backward_jumps_ends_is_in_the_loop():
    lines = parse(LISTING)
    assert len(lines) == 7
    assert in_loop(lines, "lock cmpxchg")
    assert not in_loop(lines, "lock xadd")  # before it
    assert not in_loop(lines, "lock incl")  # after it
    assert not in_loop(lines, "lock cmpx")


def test_arm64_branches_end_loops_too():
    lines = parse(ARM_LISTING)
    assert in_loop(lines, "ldaxr")
    assert in_loop(lines, "stlxr")
    assert in_loop(lines, "ldaddal")
    assert not in_loop(lines, "cas")


def test_what_cannot_be_checked_is_said_to_be_so():
    assert verdict(("lock xadd",), b"", "x86-64") == (
        "lock xadd: not checked, the loop's code is not known"
    )
    if objdump():
        assert "objdump cannot read vax" in verdict(("movl",), b"\x90", "vax")
    else:
        assert "no objdump" in verdict(("movl",), b"\x90", "x86-64")


def test_without_objdump_nothing_is_claimed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    objdump.cache_clear()
    try:
        assert disassemble(b"\x90", "x86-64") is None
        assert verdict(("nop",), b"\x90", "x86-64") == "nop: not checked, no objdump"
    finally:
        objdump.cache_clear()


@pytest.mark.skipif(not shutil.which("objdump"), reason="needs objdump")
@pytest.mark.parametrize("name", ["xadd", "add_unless"])
def test_the_timed_loops_have_their_instruction_and_not_its_twin(name):
    loop = next(x for x in _lib.loops() if x.title == f"atomics/{name}")
    arch = _lib.host().arch
    values = tuple(s.preset for s in loop.settings)
    checked = 0
    for variant in loop.variants:
        if variant.lacks or variant.name not in CLAIMS:
            continue
        right, wrong = CLAIMS[variant.name][name]
        code = _lib.loop_code(loop, values, variant.atomics)
        assert verdict((right,), code, arch) == f"{right}: in the loop"
        assert verdict((wrong,), code, arch) == f"{wrong}: NOT in the loop"
        checked += 1
    assert checked


@pytest.mark.skipif(not shutil.which("objdump"), reason="needs objdump")
def test_what_a_loop_claims_is_true_for_every_choice_of_settings():
    arch = _lib.host().arch
    for loop in _lib.loops():
        for variant in (v for v in loop.variants if v.claim and not v.lacks):
            for index, setting in enumerate(loop.settings):
                for choice in range(len(setting.choices)):
                    values = [s.preset for s in loop.settings]
                    values[index] = choice
                    code = _lib.loop_code(loop, tuple(values), variant.atomics)
                    found = verdict(variant.claim, code, arch)
                    assert found.endswith(": in the loop"), (loop.title, values, found)
