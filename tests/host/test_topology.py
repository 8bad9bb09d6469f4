"""CPU lists and the order in which CPUs are filled, on machines other than this one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyharness.errors import UsageError
from pyharness.host import topology
from pyharness.host.cores import core_name, parse_midr

FIXTURES = Path(__file__).parent / "topologies"
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


A510, A710, X2 = "0x00000000411fd461", "0x00000000411fd471", "0x00000000411fd481"


def machine(root, cpus):
    """A sysfs tree: for each CPU its package, core, capacity and MIDR (None: no such entry)."""
    for number, (package, core, capacity, midr) in enumerate(cpus):
        entries = {
            "topology/physical_package_id": package,
            "topology/core_id": core,
            "cpu_capacity": capacity,
            "regs/identification/midr_el1": midr,
        }
        for name, value in entries.items():
            path = root / f"cpu{number}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if value is not None:
                path.write_text(f"{value}\n")
    return topology.read_topology(root, range(len(cpus)))


@pytest.fixture
def phone(tmp_path):
    """Four little, three middle and one fast core, in three clusters of one chip."""
    little = [(0, core, 250, A510) for core in range(4)]
    middle = [(0, core, 760, A710) for core in range(4, 7)]
    return machine(tmp_path, [*little, *middle, (0, 7, 1024, X2)])


def test_cores_of_one_type_are_filled_before_the_next_and_the_fastest_first(phone):
    assert topology.compact(phone) == (7, 4, 5, 6, 0, 1, 2, 3)
    assert topology.scatter(phone) == (7, 4, 5, 6, 0, 1, 2, 3)


def test_the_types_of_core_are_named(phone):
    assert topology.core_kinds(phone) == {
        "Cortex-X2, capacity 1024": (7,),
        "Cortex-A710, capacity 760": (4, 5, 6),
        "Cortex-A510, capacity 250": (0, 1, 2, 3),
    }


def test_types_are_kept_apart_across_packages(tmp_path):
    """Two sockets of big and little cores: scatter takes a core of each, type by type."""
    cpus = [(p, c, 1024 if c < 2 else 400, None) for p in (0, 1) for c in range(4)]
    assert topology.scatter(machine(tmp_path, cpus)) == (0, 4, 1, 5, 2, 6, 3, 7)
    assert topology.compact(topology.read_topology(tmp_path, range(8))) == (0, 1, 4, 5, 2, 3, 6, 7)


def test_types_are_told_apart_without_capacities(tmp_path):
    cpus = machine(tmp_path, [(0, 0, None, A510), (0, 1, None, A710), (0, 2, None, A510)])
    assert topology.compact(cpus) == (0, 2, 1)
    assert list(topology.core_kinds(cpus)) == ["Cortex-A510", "Cortex-A710"]


def test_a_machine_whose_cores_are_alike_has_one_type(tmp_path):
    alike = machine(tmp_path, [(0, core, 1024, X2) for core in range(3)])
    assert topology.compact(alike) == (0, 1, 2)
    assert len(topology.core_kinds(alike)) == 1
    assert topology.core_kinds(topology.read_topology(SMT, range(8))) == {"core": tuple(range(8))}


@pytest.mark.parametrize("midr", ["", "nonsense", "0x0", "-1"])
def test_an_identification_that_is_none_is_none(tmp_path, midr):
    (cpu,) = machine(tmp_path, [(0, 0, 1024, midr)])
    assert cpu.midr is None


@pytest.mark.parametrize(
    ("midr", "name", "level_2"),
    [
        ("0x00000000410fd034", "Cortex-A53", False),
        ("0x00000000410fd823", "Cortex-X4", True),
        ("0x00000000411fd820", "Cortex-X4", False),  # a variant that nobody has attested to
        ("0x00000000c00fac30", "Ampere-1", True),
        ("0x00000000610f0220", "implementer 0x61 part 0x22", False),
    ],
)
def test_a_core_is_named_and_its_level_of_break_before_make_told(midr, name, level_2):
    found = parse_midr(midr)
    assert (found.name, found.bbm_level_2) == (name, level_2)


def test_a_core_is_named_by_the_numbers_of_cpuinfo():
    assert core_name("0x41", "0xd0c") == "Neoverse-N1"
    assert core_name("", "0xd0c") == "unknown"
