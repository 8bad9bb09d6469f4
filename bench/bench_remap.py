"""Every way to bring other frames to an address, with and without a reader of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import loop_names, setting_choices, thread_counts

STRATEGIES = [name for name in loop_names("remap") if name != "none"]
WHOLE_JOURNEYS = ["mmap-fixed", "mremap", "bbm"]


@pytest.mark.parametrize("threads", thread_counts())
@pytest.mark.parametrize("name", STRATEGIES)
def test_one_page(name: str, threads: int, contention: Callable[..., Any]) -> None:
    """One vmemmap page at a time; with two threads, one of them reads it."""
    m = contention(f"remap/{name}", threads=threads)
    assert m.metrics["remap_p50_ns"] > 0


@pytest.mark.parametrize("guard", setting_choices("remap", "bbm", "guard"))
def test_the_window_closed_by(guard: str, contention: Callable[..., Any]) -> None:
    """Break-before-make under each guard, met by a reader."""
    contention("remap/bbm", threads=max(2, thread_counts()[-1]), guard=guard)


@pytest.mark.parametrize("name", WHOLE_JOURNEYS)
def test_a_huge_page(name: str, contention: Callable[..., Any]) -> None:
    """Optimised and restored: 2 MiB, seven vmemmap pages saved."""
    m = contention(f"remap/{name}", threads=1, what="2m")
    assert m.metrics["saved_bytes_per_op"] == 7 * 4096


@pytest.mark.parametrize("batch", [1, 8, 64])
def test_batched(batch: int, contention: Callable[..., Any]) -> None:
    """One flush for a batch."""
    contention("remap/mmap-fixed", threads=1, batch=batch)
