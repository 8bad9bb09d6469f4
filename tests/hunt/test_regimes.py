"""What each protocol is known to meet on real threads and a real remapped vmemmap."""

import pytest
from hunting import SCALE, command, hunt_for, loses_quietly

pytestmark = [pytest.mark.slow, pytest.mark.hardware]

# scenario, regime, the hazard that must be met
KNOWN = [
    ("fake-head-get", "linux-5.18", "H1"),
    ("stale-load-cas", "linux-5.18", "H2"),
    ("fake-head-get", "writable-alias", "H4"),
    ("window-access", "arm64-naive", "H16"),
    ("window-interrupt", "arm64-fault-wait", "H17"),
]


@pytest.mark.parametrize(("name", "regime", "hazard"), KNOWN)
def test_the_hazard_is_met(name, regime, hazard, seed):
    if loses_quietly(name, [hazard]):
        name = "fake-head-get"  # whose compare wins
    result, met = hunt_for(name, seed, regime, lambda _, hazards: hazard in hazards)
    assert met, (
        f"{name} under {regime} did not meet {hazard}, seed {seed}: {command(name, seed, regime)}"
    )
    if hazard in ("H1", "H2", "H16"):
        fault = next(f for f in result.faults if f.hazard == hazard)
        assert fault.count > 0
        assert fault.line > 0
        assert fault.actor == "reader"
        assert fault.write == (hazard != "H16")
        assert fault.kind == ("hole in the window" if hazard == "H16" else "write to read-only")


def test_a_balanced_alias_is_seen_where_tails_are_writable(seed):
    name, regime = "fake-head-get", "writable-alias"
    _, met = hunt_for(name, seed, regime, lambda names, _: names["balanced-alias"] > 0)
    assert met, f"no balanced alias, seed {seed}: {command(name, seed, regime)}"


# Invariants of protocols that hold: whatever is seen, this is not among it.
NEVER = [
    ("fake-head-get", "linux-6.15"),
    ("fake-head-pfn", "linux-6.15"),
    ("fake-head-get", "arm64-pause"),
    ("window-access", "arm64-pause"),
    ("window-access", "arm64-stop"),
]


@pytest.mark.parametrize(("name", "regime"), NEVER)
def test_nothing_forbidden_is_ever_met(name, regime):
    import pyharness

    (result,) = pyharness.hunt(name, regime=regime, budget=0.7 * SCALE, self_test=False).results
    met = [o.name for o, n in result.seen() if n and o.grade == "forbidden"]
    assert not met, f"{met}, seed {result.seed}: {command(name, result.seed, regime)}"
    assert result.samples > 0
    assert not result.faults
