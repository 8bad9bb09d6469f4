"""CPU lists and the order in which CPUs are filled, on machines other than this one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyharness import topology
from pyharness.errors import UsageError

FIXTURES = Path(__file__).parent / "fixtures"
SMT = FIXTURES / "two-packages-smt"


@pytest.mark.parametrize(
    ("text", "cpus"),
    [("0", (0,)), ("0,2-5", (0, 2, 3, 4, 5)), ("3,1", (3, 1)), (" 1 , 2 ", (1, 2))],
)
def test_cpu_lists_keep_the_order_they_are_written_in(text, cpus):
    assert topology.parse_cpu_list(text) == cpus


@pytest.mark.parametrize("text", ["", ",", "a", "5-2", "1-", "-1", "0,0", "0-99999", "1;2", "٣"])
def test_what_is_no_cpu_list_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        topology.parse_cpu_list(text)


@given(st.sets(st.integers(0, 300), min_size=1))
def test_a_set_of_cpus_survives_being_written_and_read(cpus):
    assert set(topology.parse_cpu_list(topology.format_cpu_list(cpus))) == cpus


@given(st.text())
def test_an_affinity_is_read_or_refused_in_one_line(text):
    try:
        topology.resolve_affinity(text)
    except UsageError as error:
        assert "\n" not in str(error)


def test_siblings_are_ranked_within_their_core():
    cpus = topology.read_topology(SMT, range(8))
    assert [(c.package, c.core, c.sibling) for c in cpus] == [
        *((0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0)),
        *((0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1)),
    ]


def test_compact_puts_siblings_side_by_side():
    assert topology.compact(topology.read_topology(SMT, range(8))) == (0, 4, 1, 5, 2, 6, 3, 7)


def test_scatter_takes_a_core_of_each_package_in_turn_and_siblings_last():
    assert topology.scatter(topology.read_topology(SMT, range(8))) == (0, 2, 1, 3, 4, 6, 5, 7)


def test_only_allowed_cpus_count():
    cpus = topology.read_topology(SMT, [5, 1, 2])
    assert topology.compact(cpus) == (1, 5, 2)
    assert [c.sibling for c in cpus] == [0, 0, 1]


def test_a_machine_without_packages_or_without_sysfs_still_has_cores():
    cpus = topology.read_topology(FIXTURES / "no-packages", range(4))
    assert [(c.package, c.core) for c in cpus] == [(0, 0), (0, 1), (0, 2), (0, 3)]
    hidden = topology.read_topology(FIXTURES / "nowhere", range(2))
    assert topology.compact(hidden) == (0, 1)


def test_a_cpu_that_is_not_ours_is_refused_by_number():
    with pytest.raises(UsageError, match="CPU 9999"):
        topology.resolve_affinity("9999")


def test_none_means_no_pinning():
    assert topology.resolve_affinity("none") is None
