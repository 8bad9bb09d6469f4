"""Fixtures for everybody's test suite: `contention` measures, `race` hunts and verifies.

Installed as a pytest plugin with the package; docs/pytest.md tells how to use it. The C
core and numpy are loaded when a test first uses a fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pyharness.testing.contention import Contention
    from pyharness.testing.race import Race


@pytest.fixture
def race() -> Race:
    """Hunt or verify a scenario; fail the test with the witness of what is forbidden."""
    from pyharness.testing.race import Race

    return Race()


class _WithBenchmark:
    """`contention` where pytest-benchmark keeps the figures."""

    @pytest.fixture
    def contention(self, benchmark: Any) -> Contention:
        """Measure a loop of `vmemstress bench`; its seconds are pytest-benchmark's."""
        from pyharness.testing.contention import Contention

        return Contention(benchmark)


class _WithoutBenchmark:
    """`contention` where there is nobody to give the figures to."""

    @pytest.fixture
    def contention(self) -> None:
        """Measure a loop of `vmemstress bench`; needs pytest-benchmark."""
        pytest.fail(
            "the fixture contention needs pytest-benchmark: pip install pytest-benchmark",
            pytrace=False,
        )


@pytest.hookimpl(trylast=True)  # when every other plugin is known
def pytest_configure(config: pytest.Config) -> None:
    """Choose the fixture that fits."""
    there = config.pluginmanager.hasplugin("benchmark")
    config.pluginmanager.register(
        _WithBenchmark() if there else _WithoutBenchmark(), "vmemstress-contention"
    )
