"""The grammar of --fail-if, and when a rule is met."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyharness.compare.figures import expand, more_is_better
from pyharness.compare.rules import Rule, parse_rule
from pyharness.compare.stats import Interval
from pyharness.errors import UsageError

SAME = Interval(1, 0.99, 1.01)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("p99>+5%", Rule("p99>+5%", "p99", True, change=0.05)),
        ("p99.9 > +5 %", Rule("p99.9 > +5 %", "p99.9", True, change=0.05)),
        (" ops_per_s<-2.5%", Rule("ops_per_s<-2.5%", "ops_per_s", False, change=-0.025)),
        ("ns_per_op>40ns", Rule("ns_per_op>40ns", "ns_per_op", True, limit=40.0)),
        ("stall_p99_ns>1.5ms", Rule("stall_p99_ns>1.5ms", "stall_p99_ns", True, limit=1.5e6)),
        ("max>2s", Rule("max>2s", "max", True, limit=2e9)),
        ("ops_per_s<50M", Rule("ops_per_s<50M", "ops_per_s", False, limit=50e6)),
        ("ops_per_s<50k/s", Rule("ops_per_s<50k/s", "ops_per_s", False, limit=50e3)),
        ("fairness<.5", Rule("fairness<.5", "fairness", False, limit=0.5)),
        ("median>+0%", Rule("median>+0%", "median", True, change=0.0)),
    ],
)
def test_what_a_rule_says(text, rule):
    assert parse_rule(text) == rule


@pytest.mark.parametrize(
    ("text", "column", "part"),
    [
        ("", 1, "expected a metric"),
        (">5%", 1, "expected a metric"),
        ("p99", 4, "expected > or <"),
        ("p99=5%", 4, "expected > or <"),
        ("p99>=+5%", 5, "expected a number"),
        ("p99>", 5, "expected a number"),
        ("p99>fast", 5, "expected a number"),
        ("p99>5%", 5, "+5% or -5%"),
        ("p99>+5", 7, "expected %"),
        ("p99>-5%", 5, "p99<-5%"),
        ("ops_per_s<+5%", 11, "ops_per_s>+5%"),
        ("p99<-100%", 5, "100%"),
        ("p99>5MB", 6, "ns, us, ms, s"),
        ("ops_per_s<5ms", 12, "M"),
        ("p99>+5%x", 7, "expected %"),
        ("p99>+5% or more", 7, "expected %"),
    ],
)
def test_a_bad_rule_is_named_with_its_column(text, column, part):
    with pytest.raises(UsageError) as caught:
        parse_rule(text)
    assert f"column {column}:" in str(caught.value)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=30))
def test_any_text_is_a_rule_or_one_line(text):
    try:
        assert parse_rule(text).metric
    except UsageError as error:
        assert str(error).isprintable()


def test_a_change_is_met_by_effect_and_interval():
    rule = parse_rule("p99>+5%")
    assert rule.met(Interval(1.06, 1.01, 1.2), SAME)
    assert not rule.met(Interval(1.06, 0.99, 1.2), SAME)
    assert not rule.met(Interval(1.04, 1.03, 1.05), SAME)
    assert not rule.met(Interval(0.90, 0.8, 0.95), SAME)
    fall = parse_rule("ops_per_s<-5%")
    assert fall.met(Interval(0.94, 0.9, 0.99), SAME)
    assert not fall.met(Interval(0.94, 0.9, 1.01), SAME)
    assert not fall.met(Interval(1.2, 1.1, 1.3), SAME)


def test_a_value_is_met_when_the_whole_interval_is_beyond():
    rule = parse_rule("ns_per_op>40ns")
    assert rule.met(SAME, Interval(42, 41, 43))
    assert not rule.met(SAME, Interval(42, 39, 45))
    assert not rule.met(Interval(2, 2, 2), Interval(39, 38, 39.5))


def test_percentiles_stand_for_those_of_each_histogram():
    have = ["cpu_ns_per_op", "stall_p99_ns", "stall_p999_ns", "remap_p99_ns", "stall_max_ns"]
    assert expand("p99", have, "x") == ["stall_p99_ns", "remap_p99_ns"]
    assert expand("p99.9", have, "x") == ["stall_p999_ns"]
    assert expand("max", have, "x") == ["stall_max_ns"]
    assert expand("p50", have, "x") == []
    assert expand("median", have, "cpu_ns_per_op") == ["cpu_ns_per_op"]
    assert expand("stall_p99_ns", have, "x") == ["stall_p99_ns"]


def test_rates_and_fairness_are_better_when_greater():
    assert more_is_better("ops_per_s")
    assert more_is_better("reader_ops_per_s")
    assert more_is_better("fairness")
    assert not more_is_better("ns_per_op")
