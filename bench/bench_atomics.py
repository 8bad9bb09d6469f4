"""Atomic operations on a shared count, as `vmemstress bench atomics` measures them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import loop_names, thread_counts

Measure = Callable[..., Any]


@pytest.mark.parametrize("threads", thread_counts())
@pytest.mark.parametrize("name", loop_names("atomics"))
def test_same_line(name: str, threads: int, contention: Measure) -> None:
    """Every operation, alone and with everybody on one line."""
    contention(name, threads=threads)


@pytest.mark.parametrize("line", ["false-sharing", "own"])
def test_where_the_counts_are(line: str, contention: Measure) -> None:
    """Two counts on one line cost as much as one; on lines of their own, nothing."""
    contention("xadd", threads=thread_counts()[-1], line=line)


@pytest.mark.parametrize("pace", ["0x", "1x", "4x"])
@pytest.mark.parametrize("threads", thread_counts())
def test_paced(threads: int, pace: str, contention: Measure) -> None:
    """Work between two operations, counted in line transfers: the true cost shows late."""
    contention("add_unless", threads=threads, pace=pace)


@pytest.mark.parametrize("backoff", ["none", "pause", "exponential"])
def test_backoff(backoff: str, contention: Measure) -> None:
    """What a thread does that lost its compare-and-swap."""
    contention("add_unless", threads=thread_counts()[-1], backoff=backoff)
