"""Seeds of the races: a few in every run, VMEMSTRESS_RACE_SEEDS=20 for the whole claim."""

from seeds import FIRST, RACES


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(FIRST + 1, FIRST + 1 + RACES))
