"""RCU: what a reader pays, and what a grace period does, by the folios that share it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import thread_counts


@pytest.mark.parametrize("fences", ["membarrier", "readers"])
@pytest.mark.parametrize("threads", thread_counts())
def test_read_side(threads: int, fences: str, contention: Callable[..., Any]) -> None:
    """rcu_read_lock(), a dereference, rcu_read_unlock()."""
    contention("read-side", threads=threads, fences=fences)


@pytest.mark.parametrize("batch", [1, 8, 64, 512])
@pytest.mark.parametrize("threads", thread_counts())
def test_synchronize(threads: int, batch: int, contention: Callable[..., Any]) -> None:
    """synchronize_rcu() once for a batch of folios, with the other threads in sections."""
    m = contention("synchronize", threads=threads, batch=batch)
    assert m.metrics["grace_p50_ns"] > 0
