"""What a huge page's journey costs over the mmap and mprotect calls that it must make."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import Journey

from pyharness.catalogue.regime import find_regime


@pytest.mark.benchmark(group="journey")
@pytest.mark.parametrize("gigantic", [False, True], ids=["2MiB", "1GiB"])
@pytest.mark.parametrize("name", ["linux-5.18", "linux-6.15", "linux-7.1", "arm64-pause"])
def test_journey_beside_its_bare_calls(
    name: str, gigantic: bool, journey: Callable[..., Journey], report: Callable[..., None]
) -> None:
    """Assemble, optimise, hand out, free, restore, dissolve; then the same calls, bare."""
    cost = journey(find_regime(name).knobs, gigantic)
    line = (
        f"{cost.ns / 1e3:.1f} us, its {cost.calls} calls bare "
        f"{cost.bare_ns / 1e3:.1f} us, median ratio {cost.ratio:.2f}"
    )
    report(
        f"journey {name} {'1 GiB' if gigantic else '2 MiB'}", [cost.ns * 1e-9], line,
        ratio=cost.ratio, calls=cost.calls, journeys=cost.journeys, threads=1,
    )
