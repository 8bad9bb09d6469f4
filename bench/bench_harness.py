"""The measuring itself: our loop against the bare one, the start barrier, the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import setting_choices, thread_counts


@pytest.mark.parametrize("threads", thread_counts())
@pytest.mark.parametrize("name", ["add_unless", "xadd"])
def test_ours_against_the_bare_loop(
    name: str, threads: int, contention: Callable[..., Any]
) -> None:
    """Pairs in turn in one run; the ratio is their median."""
    m = contention(f"harness/{name}", threads=threads)
    assert m.ratio is not None


def test_how_far_apart_threads_start(contention: Callable[..., Any]) -> None:
    """Between the first and the last to leave the barrier."""
    contention("harness/barrier_skew", threads=max(2, thread_counts()[-1]))


@pytest.mark.parametrize("clock", setting_choices("harness", "clock_cost", "clock"))
def test_a_reading_of_the_clock(clock: str, contention: Callable[..., Any]) -> None:
    """What one costs: it is in every sampled figure."""
    contention("harness/clock_cost", clock=clock)
