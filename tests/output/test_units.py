"""Durations, seeds and numbers: what is read back is what was meant, garbage is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyharness.errors import UsageError
from pyharness.output.units import (
    parse_duration,
    parse_seed,
    percent,
    row_seed,
    seconds_text,
    si,
    splitmix64,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30.0),
        ("1.5m", 90.0),
        ("2h", 7200.0),
        ("250ms", 0.25),
        ("7", 7.0),
        ("0.5", 0.5),
        (".5s", 0.5),
        ("1m30s", 90.0),
        (" 3S ", 3.0),
    ],
)
def test_durations_are_read_in_every_unit(text, seconds):
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "0", "0s", "-1s", "3 s s", "s", "1d", "nan", "inf", "1e3", "1m30", "31000h", "٣s"],
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(UsageError):
        parse_duration(text)


@given(st.text())
def test_a_duration_is_read_or_refused_never_anything_else(text):
    try:
        assert parse_duration(text) > 0
    except UsageError as error:
        assert "\n" not in str(error)


@given(st.integers(0, (1 << 64) - 1))
def test_every_seed_can_be_given_back_in_decimal_and_hexadecimal(seed):
    assert parse_seed(str(seed)) == seed
    assert parse_seed(hex(seed)) == seed


@pytest.mark.parametrize("text", ["-1", str(1 << 64), "x", "", "1.5", "9" * 100])
def test_what_is_no_seed_is_refused(text):
    with pytest.raises(UsageError):
        parse_seed(text)


def test_splitmix_gives_the_published_sequence():
    # The first three outputs for seed 1234567 of the reference implementation.
    state, seen = 1234567, []
    for _ in range(3):
        seen.append(splitmix64(state))
        state += 0x9E3779B97F4A7C15
    assert seen == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_a_row_gets_its_seed_from_what_it_runs_not_from_its_place():
    assert row_seed(7, "a", "x=1") == row_seed(7, "a", "x=1")
    assert row_seed(7, "a", "x=1") != row_seed(7, "a", "x=2")
    assert row_seed(7, "a", "x=1") != row_seed(8, "a", "x=1")


def test_numbers_are_written_for_people():
    assert si(24_100_000).strip() == "24.1 M"
    assert si(12).strip() == "12"
    assert percent(0, 5) == "0%"
    assert percent(1, 10**9) == "<0.001%"
    assert percent(1, 4) == "25.000%"
    assert seconds_text(125) == "2 m 05 s"
