"""How fast `verify` searches: the figures of DESIGN 10, native clock, one core."""

from __future__ import annotations

import pytest

from pyharness.verify import verify


def _rate(benchmark, **options):
    seen = []

    def once():
        seen.append(verify("specref", model="sc", **options).results[0].stats)

    benchmark.pedantic(once, rounds=5, iterations=1)
    best = max(s.executions / (s.elapsed_ns / 1e9) for s in seen)
    benchmark.extra_info.update(executions=seen[-1].executions, executions_per_s=round(best))
    return seen[-1], best


def test_complete_search_of_three_readers(benchmark):
    """148,140 executions; the best peer visits 37 to 41 thousand a second."""
    stats, best = _rate(benchmark, parameters={"readers": 3})
    assert stats.executions == 148_140
    assert best > 200_000, "the goal is 1 M/s, 400 k/s at the least, on a quiet core"


def test_random_walks(benchmark):
    """Random runs of two CPUs; the best peer does 2.2 to 2.4 million a second."""
    _, best = _rate(benchmark, strategy="random", runs=2_000_000, parameters={"readers": 1})
    assert best > 1_000_000, "the goal is 5 M/s, 2.5 M at the least, on a quiet core"


@pytest.mark.parametrize("model", ["sc", "tso", "arm64"])
def test_thread_suite(benchmark, model):
    """The whole suite under one memory model."""
    benchmark.pedantic(lambda: verify(suite="thread", model=model), rounds=3, iterations=1)
