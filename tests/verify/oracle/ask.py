"""Ask the search for the final states of a program, as herd7 is asked for them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

from oracle.build import build
from oracle.program import Program, flat
from oracle.text import State


class Answer(NamedTuple):
    """`why`: what there is in place of states, "" where there are some."""

    states: frozenset[State]
    executions: int
    why: str


class Search:
    """The search as a process that answers programs; `twin` breaks it on purpose."""

    def __init__(self, binary: Path, twin: int = 0) -> None:
        self._process = subprocess.Popen(
            [binary, str(twin)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def states(self, program: Program, model: str, jobs: int = 1) -> Answer:
        """Every final state of a program under a model, found by so many jobs."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        numbers = " ".join(map(str, [jobs, *flat(program, model)]))
        self._process.stdin.write(numbers + "\n")
        self._process.stdin.flush()
        words = self._process.stdout.readline().split()
        if not words:
            raise RuntimeError(f"the search died of: {numbers}")
        if words[0] != "ok":
            return Answer(frozenset(), 0, " ".join(words))
        found = (tuple(map(int, word.split(","))) for word in words[2:])
        return Answer(frozenset(found), int(words[1]), "")

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


_kept: list[Search] = []


def states(program: Program, model: str, jobs: int = 1) -> frozenset[State]:
    """Every final state, by a search that is built once and kept; RuntimeError where it is
    bounded, meets a violation or does not support an operation."""
    if not _kept:
        folder = Path(__file__).resolve().parents[3] / "build" / "oracle"
        folder.mkdir(parents=True, exist_ok=True)
        _kept.append(Search(build(folder)))
    answer = _kept[0].states(program, model, jobs)
    if answer.why:
        raise RuntimeError(f"the search has no answer: {answer.why}")
    return answer.states


__all__ = ["Answer", "Search", "build", "states"]
