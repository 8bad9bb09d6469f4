"""Seeds of the races: a few in every run, VMEMSTRESS_RACE_SEEDS=20 for the whole claim."""

import os


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        count = int(os.environ.get("VMEMSTRESS_RACE_SEEDS", "3"))
        metafunc.parametrize("seed", range(1, 1 + count))
