"""Random small programs: the search finds what a walk without any reduction finds."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, note, settings
from programs import (
    LOAD,
    MB,
    MODELS,
    RMB,
    STORE,
    WMB,
    Insn,
    Program,
    Server,
    build_server,
    programs,
    served,
)
from seeds import FRESH

pytestmark = pytest.mark.slow

PER_MODEL = 700
_SETTINGS = settings(
    max_examples=PER_MODEL,
    deadline=None,
    derandomize=not FRESH,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="session")
def binary(tmp_path_factory):
    """The C side, compiled once."""
    return build_server(tmp_path_factory.mktemp("litmus"))


@pytest.fixture(scope="module")
def server(binary):
    """The search as it is."""
    yield from served(binary)


@pytest.mark.parametrize("model", MODELS)
def test_the_search_has_the_outcomes_of_brute_force(server: Server, model: str):
    """The same set, and no execution twice; a difference shrinks to a program to read."""

    @_SETTINGS
    @given(programs())
    def agrees(program: Program) -> None:
        note(f"{model}: {program}")
        assert server.ask(program, model).split()[0] in ("equal", "full")

    agrees()


def test_few_programs_are_too_large_for_the_comparison(server: Server):
    """What is left out as `full` must not be what is compared."""
    answers = []

    @settings(_SETTINGS, max_examples=200)
    @given(programs())
    def count(program: Program) -> None:
        answers.append(server.ask(program, "arm64").split()[0])

    count()
    assert answers.count("full") * 20 < len(answers)


@pytest.fixture
def broken(binary, twin: int):
    """A search that forgets something."""
    yield from served(binary, twin)


@pytest.mark.parametrize(("model", "twin"), [("sc", 1), ("tso", 1), ("arm64", 1)])
def test_a_search_that_is_broken_on_purpose_is_caught_and_the_program_is_small(
    broken: Server, model: str, twin: int
):
    """Twin 1 forgets revisits; the example is one that a reader follows."""
    small: list[Program] = []

    @settings(_SETTINGS, max_examples=400, print_blob=False, report_multiple_bugs=False)
    @given(programs())
    def agrees(program: Program) -> None:
        if broken.ask(program, model).split()[0] not in ("equal", "full"):
            small.append(program)
            raise AssertionError(str(program))

    with pytest.raises(AssertionError):
        agrees()
    assert sum(len(cpu) for cpu in small[-1].cpus) <= 8


_WX, _WY, _WY2 = Insn(STORE), Insn(STORE, word=1), Insn(STORE, word=1, value=2)
_RX, _RY = Insn(LOAD), Insn(LOAD, word=1)
_MB, _RMB, _WMB = Insn(MB), Insn(RMB), Insn(WMB)
# From-reads alone orders a read before another CPU's write that it missed, so each of these has
# one outcome more without it. The search uses it in three places: MP and R need it where a read
# looks for candidates, SB where a write is put in place, RWC where an old write is read. No
# program of three accesses needs it, and of random ones one in a hundred: too few to rely on.
FROM_READS = [
    ("MP", "sc tso", ((_WX, _WY), (_RY, _RX)), 3, "0/1/11"),
    ("MP+wmb+rmb", "sc tso arm64", ((_WX, _WMB, _WY), (_RY, _RMB, _RX)), 3, "0/1/11"),
    ("R+mbs", "sc tso arm64", ((_WX, _MB, _WY), (_WY2, _MB, _RX)), 3, "0/0/21"),
    ("SB+mbs", "sc tso arm64", ((_WX, _MB, _RY), (_WY, _MB, _RX)), 3, "0/0/11"),
    ("RWC+mb+rmb", "sc tso arm64", ((_WX,), (_WY, _MB, _RX), (_RX, _RMB, _RY)), 7, "0/0/1/11"),
]


@pytest.mark.parametrize("twin", [2])
@pytest.mark.parametrize(
    ("model", "cpus", "allowed", "forbidden"),
    [
        pytest.param(model, *shape, id=f"{name}-{model}")
        for name, models, *shape in FROM_READS
        for model in models.split()
    ],
)
def test_without_from_reads_order_just_the_forbidden_outcome_appears(
    server: Server, broken: Server, model: str, cpus, allowed: int, forbidden: str
):
    """Twin 2. What each read may see, in any combination but one, each by one execution."""
    program = Program(cpus)
    assert server.ask(program, model) == f"equal {allowed} {allowed}"
    assert broken.ask(program, model) == f"differs {allowed + 1} {allowed} +{forbidden}"
