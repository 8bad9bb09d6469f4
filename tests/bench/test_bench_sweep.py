"""Values on the command line: what is read, in which order, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyharness.bench.sweep import (
    MAX_VALUES,
    Multiple,
    parse_assignments,
    parse_counts,
    parse_values,
)
from pyharness.errors import UsageError

WORDS = st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True)
NUMBERS = st.integers(0, 10**9 - 1)
FACTORS = st.integers(0, 10**6).map(lambda n: Multiple(n / 100))


@settings(deadline=None)  # a loaded host takes its time
@given(st.lists(st.one_of(WORDS, NUMBERS, FACTORS), min_size=1, max_size=20, unique=True))
def test_a_list_is_read_in_its_order(values):
    assert parse_values(",".join(map(str, values)), "-P x") == values


@settings(deadline=None)  # a loaded host takes its time
@given(st.integers(0, 1000), st.integers(0, 2000), st.integers(1, 100))
def test_a_range_goes_from_its_begin_by_its_step(low, width, step):
    text = f"{low}..{low + width}/{step}"
    expected = list(range(low, low + width + 1, step))
    if len(expected) > MAX_VALUES:
        with pytest.raises(UsageError, match="more than"):
            parse_values(text, "-P x")
    else:
        assert parse_values(text, "-P x") == expected


@settings(deadline=None)  # a loaded host takes its time
@given(st.integers(0, 20), st.integers(0, 20))
def test_a_range_of_line_transfers_counts_in_whole_ones(low, width):
    found = parse_values(f"{low}..{low + width}x", "--sweep pace")
    assert found == [Multiple(float(n)) for n in range(low, low + width + 1)]


def test_line_transfers_may_be_fractions():
    assert [v.factor for v in parse_values("0..1x/0.25", "-P pace")] == [0, 0.25, 0.5, 0.75, 1]
    assert parse_values("0.5x", "-P pace") == [Multiple(0.5)]


@settings(deadline=None)  # a loaded host takes its time
@given(st.text(max_size=30))
def test_any_text_is_either_read_or_refused_by_name(text):
    try:
        values = parse_values(text, "-P pace")
    except UsageError as error:
        assert "-P pace" in str(error)
        assert "\n" not in str(error)
    else:
        assert 0 < len(values) <= MAX_VALUES
        assert len(set(values)) == len(values)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no value"),
        ("1,,2", "no value"),
        ("9..3", "backwards"),
        ("0..5/0", "step of zero"),
        ("0..1/0.3", "whole numbers"),
        ("0..1000", "give a step"),
        ("a b", "no value"),
        ("-1", "no value"),
    ],
)
def test_what_is_no_value_is_told(text, part):
    with pytest.raises(UsageError, match=part):
        parse_values(text, "-P x")


def test_a_name_given_twice_has_the_values_of_both():
    found = parse_assignments(("pace=1,2", "line=own", "pace=2,3"), "-P")
    assert found == {"pace": [1, 2, 3], "line": ["own"]}
    with pytest.raises(UsageError, match="name=value"):
        parse_assignments(("pace",), "-P")


def test_thread_counts_are_whole_and_in_range():
    assert parse_counts("1,2,4", "--threads", 1, 8) == (1, 2, 4)
    for text in ("0", "9", "two", "1x"):
        with pytest.raises(UsageError, match="--threads"):
            parse_counts(text, "--threads", 1, 8)
