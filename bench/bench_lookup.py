"""filemap_get_entry() and folio_put() by regime: undisturbed, and while pages are remapped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import thread_counts

# Nothing before the load; an RCU section in try_get; the count looked at first.
REGIMES = ["linux-7.1", "linux-6.10", "linux-6.15"]


@pytest.mark.parametrize("threads", thread_counts())
@pytest.mark.parametrize("regime", REGIMES)
def test_readers_alone(regime: str, threads: int, contention: Callable[..., Any]) -> None:
    """One page, looked up by everybody."""
    contention("filemap", threads=threads, regime=regime)


@pytest.mark.parametrize("pages", [8, 64])
def test_more_pages(pages: int, contention: Callable[..., Any]) -> None:
    """Several huge pages in turn: less contention, more of the vmemmap."""
    contention("filemap", threads=thread_counts()[-1], regime="linux-6.15", pages=pages)


@pytest.mark.parametrize("regime", REGIMES)
def test_readers_while_pages_are_remapped(regime: str, contention: Callable[..., Any]) -> None:
    """At a paced rate, so that each regime has the same disturbance."""
    m = contention("remapped", threads=max(2, thread_counts()[-1]), regime=regime, rate=1000)
    assert "stall_p99_ns" in m.metrics
