"""Whether the instruction that a variant claims is really in its timed loop, by objdump."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from pyharness import _lib

_MACHINES = {"x86-64": "i386:x86-64", "aarch64": "aarch64"}
_LINE = re.compile(r"^\s*([0-9a-f]+):\s+(\S.*?)\s*(?:[#;/<].*)?$")
_JUMP = re.compile(r"^(?:j[a-z]+|b(?:\.[a-z]+)?|cbn?z|tbn?z)\s.*?(?:0x)?([0-9a-f]+)$")
_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a disassembly; `text` has single spaces."""

    address: int
    text: str

    @property
    def back_to(self) -> int | None:
        """The target when this is a jump backwards, the end of a loop."""
        match = _JUMP.match(self.text)
        target = int(match[1], 16) if match else None
        return target if target is not None and target <= self.address else None


def parse(output: str) -> list[Instruction]:
    """The instructions of objdump's output."""
    matches = (_LINE.match(line) for line in output.splitlines())
    return [Instruction(int(m[1], 16), " ".join(m[2].split())) for m in matches if m]


def in_loop(instructions: Sequence[Instruction], wanted: str) -> bool:
    """Whether `wanted`, a mnemonic with its prefix, stands between a backward jump's ends."""
    places = [i.address for i in instructions if f"{i.text} ".startswith(f"{wanted} ")]
    loops = [(i.back_to, i.address) for i in instructions]
    return any(
        begin is not None and begin <= place <= end for place in places for begin, end in loops
    )


@functools.cache
def objdump() -> str | None:
    """The disassembler's path, None where there is none."""
    return shutil.which("objdump")


def disassemble(code: bytes, arch: str) -> list[Instruction] | None:
    """The instructions in `code`; None where no disassembler can read it."""
    tool = objdump()
    if tool is None or arch not in _MACHINES:
        return None
    with tempfile.NamedTemporaryFile(prefix="vmemstress-") as stream:
        stream.write(code)
        stream.flush()
        command = [tool, "-D", "-b", "binary", "-m", _MACHINES[arch], "--no-show-raw-insn"]
        try:
            done = subprocess.run(
                [*command, stream.name],
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                check=False,
                env={"LC_ALL": "C"},
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return parse(done.stdout) if done.returncode == 0 else None


def verdict(claim: Sequence[str], code: bytes, arch: str) -> str:
    """What can be said of a claim: `lock xadd: in the loop`, `... NOT in the loop`, not checked."""
    shown = " and ".join(claim)
    if not code:
        return f"{shown}: not checked, the loop's code is not known"
    instructions = disassemble(code, arch)
    if instructions is None:
        reason = "no objdump" if objdump() is None else f"objdump cannot read {arch}"
        return f"{shown}: not checked, {reason}"
    missing = [part for part in claim if not in_loop(instructions, part)]
    return f"{' and '.join(missing)}: NOT in the loop" if missing else f"{shown}: in the loop"


@functools.cache
def check(loop: int, variant: str, values: tuple[int, ...]) -> str | None:
    """The verdict on what a loop, by its index, claims in this variant; None for no claim."""
    info = _lib.loops()[loop]
    found = next(v for v in info.variants if v.name == variant)
    if not found.claim:
        return None
    return verdict(found.claim, _lib.loop_code(info, values, found.atomics), _lib.host().arch)
