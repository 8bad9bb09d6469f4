"""Rows share one budget of wall time; the clock here is made up."""

import contextlib
import types

import pytest

from pyharness.catalogue.plan import Request, make_plan
from pyharness.hunt import run
from pyharness.hunt.options import Options


class Clock:
    """Time that passes when a row is run: its slice, and what it takes beyond that."""

    def __init__(self, overhead):
        self.now, self.overhead = 100.0, overhead
        self.slices = []

    def monotonic(self):
        return self.now

    def watch(self, _hunt, seconds, _interrupt, _tick):
        self.slices.append(seconds)
        self.now += seconds + self.overhead


@pytest.fixture
def clock(monkeypatch):
    made = Clock(0.02)
    monkeypatch.setattr(run, "time", made)
    monkeypatch.setattr(run, "_watch", made.watch)
    monkeypatch.setattr(run, "_collect", lambda *_: types.SimpleNamespace(forbidden=0))
    monkeypatch.setattr(run._lib, "Hunt", lambda _config: contextlib.nullcontext())
    return made


def hunt(clock, request):
    """Run the rows of the request in 3 s that began 0.25 s ago; the report."""
    started = clock.now - 0.25
    options = Options(budget=3.0, seed=1, started=started, self_test=False, cpus=(0, 1))
    interrupt = types.SimpleNamespace(requested=False)
    return run.run_plan(make_plan(request), options, interrupt=interrupt)


def test_one_row_has_all_of_the_budget(clock):
    report = hunt(clock, Request(("store-buffering",)))
    assert clock.slices == pytest.approx([2.75 - run._END_S])
    assert report.seconds == pytest.approx(3.0 - run._END_S + clock.overhead)


def test_what_rows_take_beyond_their_slices_comes_out_of_the_budget(clock):
    report = hunt(clock, Request(suite="primitives"))
    assert len(clock.slices) == len(report.results)
    assert report.seconds == pytest.approx(3.0 - run._END_S, abs=clock.overhead / 10)
