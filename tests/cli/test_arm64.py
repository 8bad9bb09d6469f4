"""What differs on arm64: LL/SC against LSE, and an emulator that may not grade itself."""

import platform

import pytest

from pyharness import _lib
from pyharness.catalogue import plan
from pyharness.host import facts as host

pytestmark = pytest.mark.skipif(
    platform.machine() != "aarch64",
    reason="about aarch64: make test-arm64 runs it on any machine, under emulation",
)
needs_emulator = pytest.mark.skipif(not host.emulated(), reason="about an emulated machine")
LONG = 600  # seconds: an emulator is slow to start, and so is a loaded host
LABEL = "emulated: ordering and speed are not graded"


def losing(vms, atomics, *more):
    words = ("hunt", "losing-cas", "--regime", "linux-5.18", "--atomics", atomics, *more)
    return vms(*words, "--no-self-test", "--json", timeout=LONG)


def counts(done):
    (result,) = done.json["results"]
    return result, {o["outcome"]: o["count"] for o in result["outcomes"]}


def test_a_losing_compare_and_swap_does_not_fault_by_ll_sc(vms):
    for budget in ("20s", "60s"):  # most of it goes into the start where the host is loaded
        result, met = counts(losing(vms, "llsc", "--budget", budget))
        assert "H2" not in met
        assert result["verdict"] == "unreached"
        assert result["faults"] == []
        if met["lost-quietly"]:
            break
    assert met["lost-quietly"] > 0


@pytest.mark.skipif(_lib.host().lse, reason="this CPU has LSE")
def test_lse_is_refused_where_the_cpu_has_none(vms):
    done = losing(vms, "lse", "--budget", "60s", "--until-found")
    assert done.code == 3
    assert "this CPU has no LSE" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.skipif(not _lib.host().lse, reason="this CPU has no LSE")
def test_a_losing_compare_and_swap_faults_by_lse(vms):
    result, met = counts(losing(vms, "lse", "--budget", "60s", "--until-found"))
    assert met["H2"] > 0
    assert result["as_expected"] is True
    assert result["faults"][0]["kind"] == "write to read-only"
    assert result["faults"][0]["write"] is True


def test_the_atomics_are_those_of_the_cpu(vms):
    facts = vms("doctor", "--json", timeout=LONG).json["facts"]
    assert facts["atomics"] == ("lse" if facts["lse"] else "llsc")
    assert facts["page_size"] in (4096, 16384, 65536)


@needs_emulator
def test_the_doctor_measures_nothing_on_an_emulator_and_says_why(vms):
    report = vms("doctor", "--json", timeout=LONG).json
    assert report["facts"]["emulated"] is True
    for probe in ("clock", "handoff", "remap_ns", "membarrier_ns"):
        assert report["facts"][probe] is None
    assert LABEL in {lack["what"]: lack["cost"] for lack in report["lacks"]}["emulated"]


@needs_emulator
def test_a_hunt_on_an_emulator_is_labelled(vms):
    words = ("fake-head-get", "--regime", "linux-5.18", "--until-found", "--budget", "60s")
    done = vms("hunt", *words, timeout=LONG)
    assert LABEL in done.out.splitlines()[1]
    assert f"validity: contaminated, {LABEL}" in done.out


@needs_emulator
def test_what_only_memory_order_shows_is_not_graded(vms):
    done = vms("hunt", "store-buffering", "-P", "fence=1", "--budget", "2s", "--json", timeout=LONG)
    (result,) = done.json["results"]
    assert result["validity"]["verdict"] == "inconclusive"
    assert result["validity"]["graded"] is False
    assert result["as_expected"] is None
    assert done.code == 6


@needs_emulator
def test_a_case_that_only_weak_order_shows_is_refused():
    assert "an emulator orders memory as its host does" in (plan.unshown("weak") or "")


@needs_emulator
@pytest.mark.parametrize(
    "words", [("bench",), ("bench", "add_unless"), ("compare", "xadd", "add_unless")]
)
def test_speed_is_refused_with_one_line(vms, words):
    done = vms(*words, timeout=LONG)
    assert done.code == 3
    assert done.out == ""
    assert "this is an emulator: its times say nothing" in done.err
    assert len(done.err.splitlines()) == 1


@needs_emulator
def test_speed_that_is_asked_for_all_the_same_is_inconclusive(vms):
    words = ("add_unless", "--threads", "1", "--repetitions", "2", "--time", "20ms")
    done = vms("bench", *words, "--allow-emulated", "--json", timeout=LONG)
    results = done.json["results"]
    assert results
    assert {r["validity"] for r in results} == {"inconclusive"}
