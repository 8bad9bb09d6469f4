"""Ask herd7: texts out, the sets of final states back.

herd7 is a program of its own, built from its source outside this repository. The command
is $HERD7, else `herd7`; where its models lie is $HERD7_LIB, else what was built into it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from oracle import aarch64, x86_64
from oracle.program import RMW, Program
from oracle.text import State, Test

_X86 = str(Path(__file__).with_name("x86tso.cat"))
# Of each model what herd7 is asked with, for programs of one size and of two.
CATS = {
    "sc": ("sc.cat", "sc.cat"),
    "tso": (_X86, _X86),
    "arm64": ("aarch64.cat", "aarch64.cat"),
}
TIMEOUT = 3.0  # seconds of one program, which is left out then
_TEST = re.compile(r"^Test (\S+) \S+\nStates (\d+)\n((?:.*;\n)*)", re.M)


def command(model: str, mixed: bool) -> list[str]:
    """The command line, without the texts."""
    words = shlex.split(os.environ.get("HERD7", "herd7"))
    if library := os.environ.get("HERD7_LIB"):
        words += ["-set-libdir", library]
    words += options(model, mixed)
    return [*words, "-timeout", str(TIMEOUT)]


def options(model: str, mixed: bool) -> list[str]:
    """The part of it that decides what is allowed."""
    words = ["-model", CATS[model][mixed]]
    return [*words, "-variant", "mixed"] if mixed else words


def version() -> str:
    """As herd7 tells it."""
    words = shlex.split(os.environ.get("HERD7", "herd7"))
    done = subprocess.run([*words, "-version"], capture_output=True, text=True, check=True)
    return done.stdout.strip().split("\n")[0]


def forms(model: str, program: Program) -> list[str]:
    """The encodings whose states are united."""
    if model == "tso":
        return ["x86"]
    if model == "arm64" and any(op.kind in RMW for op in program.ops()):
        return ["llsc", "lse"]
    # sc.cat orders by program order alone, which a read and a write of one instruction are not
    # in: as LSE an addition may read from a store that comes after its own. LL/SC is two.
    return ["llsc"]


def as_test(form: str, name: str, program: Program) -> Test:
    """The text of one encoding."""
    if form == "x86":
        return x86_64.as_test(name, program)
    return aarch64.as_test(name, program, llsc=form == "llsc")


def ask(tests: dict[str, Test], model: str, mixed: bool) -> dict[str, set[State]]:
    """The states of each text that herd7 could answer in time."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, test in tests.items():
            paths.append(str(Path(folder) / f"{name}.litmus"))
            Path(paths[-1]).write_text(test.text)
        listed = Path(folder) / "@all"
        listed.write_text("\n".join(paths) + "\n")
        words = [*command(model, mixed), str(listed)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    for name, states, lines in _TEST.findall(done.stdout):
        rows = lines.splitlines()
        assert len(rows) == int(states), f"{name}: {states} states, {len(rows)} lines"
        found[name] = tests[name].states(rows)
    missing = sorted(set(tests) - set(found))
    if missing and len(missing) > len(tests) // 4:
        raise RuntimeError(f"herd7 has no answer for {missing[0]}: {done.stderr[:500]}")
    return found


def states(programs: Iterable[tuple[str, Program]], model: str) -> dict[str, dict[str, set[State]]]:
    """Of each named program the states of each encoding; without those it had no time for."""
    answers: dict[str, dict[str, set[State]]] = {}
    wanted = list(programs)
    for mixed in (False, True):
        for form in ("x86", "llsc", "lse"):
            tests = {
                name: as_test(form, name, program)
                for name, program in wanted
                if program.mixed == mixed and form in forms(model, program)
            }
            if not tests:
                continue
            for name, found in ask(tests, model, mixed).items():
                answers.setdefault(name, {})[form] = found
    return {
        name: answers[name]
        for name, program in wanted
        if set(answers.get(name, ())) == set(forms(model, program))
    }
