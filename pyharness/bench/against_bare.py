"""The benchmarks of group `harness` that are two loops in turn: ours and the bare one."""

from __future__ import annotations

from dataclasses import dataclass

GROUP = "harness"
# The operation of our loop of that name, against the plain loop compiled beside it.
PAIRS = {
    "add_unless": "one add_unless(v, 1, 0)",
    "xadd": "one fetch-and-add",
    "get_put": "one get and one put",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Ours against the bare loop, with so many threads."""

    name: str
    threads: int

    @property
    def title(self) -> str:
        """Name and threads, on one line."""
        return f"{GROUP}/{self.name}, {self.threads} thr"
