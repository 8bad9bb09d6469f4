"""Each mutant that hardware can show is caught within ten seconds, whatever the seed."""

import pytest
from hunting import BUDGET, command, mutants

import pyharness
from pyharness.host.topology import allowed_cpus

pytestmark = [pytest.mark.slow, pytest.mark.hardware]


@pytest.mark.parametrize("mutant", mutants())
def test_the_mutant_is_caught(mutant, seed):
    (result,) = pyharness.hunt(
        mutant, until_found=True, budget=BUDGET, seed=seed, self_test=False
    ).results
    assert result.verdict == "violated", (
        f"{mutant} was not caught in {result.samples} samples, {result.seconds:.1f} s, "
        f"seed {seed}: {command(mutant, seed)}"
    )
    assert result.as_expected
    assert int(result.counts.sum()) == result.samples


def one_cpu():
    return str(allowed_cpus()[0])


@pytest.mark.parametrize("mutant", ["no-recheck", "freeze-without-cmpxchg", "window-left-open"])
def test_the_mutant_is_caught_on_one_cpu(mutant, seed):
    (result,) = pyharness.hunt(
        mutant, until_found=True, budget=30.0, seed=seed, self_test=False, affinity=one_cpu()
    ).results
    assert result.verdict == "violated", (
        f"{mutant} was not caught on one CPU in {result.samples} samples, seed {seed}: "
        f"{command(mutant, seed)} --affinity {one_cpu()}"
    )
    assert result.shares_cpus


def test_there_are_mutants():
    assert len(mutants()) >= 20
