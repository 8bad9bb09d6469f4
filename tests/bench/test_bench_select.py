"""From names and settings to benchmarks, on the loops of the core."""

import pytest

from pyharness import _lib
from pyharness.bench.against_bare import PAIRS
from pyharness.bench.select import Selection, groups, index_values, select
from pyharness.bench.sweep import Multiple
from pyharness.errors import UsageError


def chosen(*names, usable=2, **given):
    return select(Selection(names=names, **given), usable)


def titles(choice):
    return [(b.loop.title, b.threads) for b in choice.benchmarks]


def test_a_group_is_all_its_loops_with_one_thread_and_with_all():
    names = [x.title for x in _lib.loops() if x.group == "atomics"]
    assert titles(chosen("atomics")) == [(name, n) for name in names for n in (1, 2)]


def test_many_cpus_are_not_all_used_unless_asked_for():
    assert {n for _, n in titles(chosen("xadd", usable=128))} == {1, 8}
    assert {n for _, n in titles(chosen("xadd", usable=128, threads=(128,)))} == {128}
    assert {n for _, n in titles(chosen("xadd", usable=1))} == {1}


def test_a_loop_with_a_remapper_and_readers_has_at_least_those():
    loop = next(x for x in _lib.loops() if x.least_threads == 2)
    assert {n for _, n in titles(chosen(loop.title, usable=1))} == {2}
    with pytest.raises(UsageError, match="needs 2 threads"):
        chosen(loop.title, threads=(1,))
    assert titles(chosen(loop.group, threads=(1,)))  # the others of the group run


def test_names_may_be_short_where_they_are_unambiguous():
    assert titles(chosen("xadd")) == titles(chosen("atomics/xadd"))
    assert chosen("harness/xadd").pairs[0].name == "xadd"
    assert not chosen("xadd").pairs
    assert titles(chosen("barrier_skew")) == titles(chosen("harness/barrier_skew"))


def test_a_name_given_twice_runs_once():
    assert titles(chosen("xadd", "atomics/xadd")) == titles(chosen("xadd"))


def test_the_tour_has_every_group():
    tour = chosen()
    assert {b.loop.group for b in tour.benchmarks} | {"harness"} == set(groups())
    assert {p.name for p in tour.pairs} == set(PAIRS)


def test_settings_multiply_and_only_the_swept_ones_are_shown():
    found = chosen(
        "add_unless", threads=(1,), settings={"line": ["same", "own"], "pace": [0, 5, Multiple(2)]}
    ).benchmarks
    assert [dict(b.shown) for b in found] == [
        {"line": line, "pace": pace} for line in ("same", "own") for pace in (0, 5, Multiple(2))
    ]


def test_settings_reach_the_core_by_index_in_its_order():
    (found,) = chosen(
        "add_unless", threads=(1,), settings={"line": ["own"], "pace": [7]}
    ).benchmarks
    by_name = dict(zip((s.name for s in found.loop.settings), index_values(found), strict=True))
    line = found.loop.setting("line")
    assert by_name["line"] == line.choices.index("own")
    assert by_name["pace"] == 7
    assert by_name["backoff"] == found.loop.setting("backoff").preset


def test_all_means_each_choice_that_this_host_can_run():
    found = chosen("add_unless", threads=(1,), settings={"line": ["all"]}).benchmarks
    line = found[0].loop.setting("line")
    assert [b.shown["line"] for b in found] == [c for c in line.choices if c not in line.lacks]


def test_a_setting_of_some_loops_is_given_to_those():
    found = chosen("atomics", "remap", threads=(1,), settings={"line": ["own"]}).benchmarks
    assert all(("line" in b.shown) == (b.loop.group == "atomics") for b in found)


def test_regimes_apply_to_lookups_and_are_compared_by_default():
    loop = next(x for x in _lib.loops() if x.uses_regime)
    default = {b.regime for b in chosen(loop.title).benchmarks}
    assert len(default) == 3
    (one,) = {b.regime for b in chosen(loop.title, regimes=("linux-5.18",)).benchmarks}
    assert one == "linux-5.18"
    with pytest.raises(UsageError, match=r"linux-6\.15"):
        chosen(loop.title, regimes=("linux-6.51",))


def test_too_many_benchmarks_are_refused_before_any_runs():
    values = list(range(60))
    with pytest.raises(UsageError, match="narrow the sweep"):
        chosen("xadd", settings={"pace": values, "ballast": values})


def test_every_setting_of_the_core_is_told_with_its_range():
    for loop in _lib.loops():
        assert loop.about, loop.title
        assert loop.operation, loop.title
        assert loop.variants, loop.title
        assert len({s.name for s in loop.settings}) == len(loop.settings)
        for setting in loop.settings:
            assert setting.about, (loop.title, setting.name)
            assert setting.low <= setting.preset <= setting.high
            assert len(set(setting.choices)) == len(setting.choices)
            assert set(setting.lacks) <= set(setting.choices)
