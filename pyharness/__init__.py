"""vmemstress: hunt races between speculative references and a memory map that changes.

>>> import pyharness
>>> report = pyharness.hunt("fake-head-get", regime="linux-5.18", budget=10.0)
>>> report.results[0].verdict
'violated'
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if os.path.exists(os.path.join(os.path.dirname(__file__), "meson.build")):
    # A checkout has no compiled core: that is in the package which was built from it.
    from pkgutil import extend_path

    __path__ = extend_path(__path__, __name__)

if TYPE_CHECKING:
    from pyharness.api import bench, hunt, verify
    from pyharness.bench.results import BenchReport, Measurement
    from pyharness.errors import (
        BuildError,
        ExitCode,
        HarnessError,
        RegimeError,
        ScenarioError,
        SuiteError,
        UnsupportedHere,
        Untrustworthy,
        UsageError,
        WorkerCrashed,
    )
    from pyharness.hunt.results import HuntReport, HuntResult
    from pyharness.hunt.run import Tick
    from pyharness.hunt.validity import Validity
    from pyharness.verify.results import VerifyReport, VerifyResult

_HOMES = {
    "bench": "api",
    "hunt": "api",
    "verify": "api",
    "BenchReport": "bench.results",
    "Measurement": "bench.results",
    "HuntReport": "hunt.results",
    "HuntResult": "hunt.results",
    "Tick": "hunt.run",
    "Validity": "hunt.validity",
    "VerifyReport": "verify.results",
    "VerifyResult": "verify.results",
    **dict.fromkeys(
        (
            "BuildError",
            "ExitCode",
            "HarnessError",
            "RegimeError",
            "ScenarioError",
            "SuiteError",
            "UnsupportedHere",
            "Untrustworthy",
            "UsageError",
            "WorkerCrashed",
        ),
        "errors",
    ),
}

__all__ = [
    "BenchReport",
    "BuildError",
    "ExitCode",
    "HarnessError",
    "HuntReport",
    "HuntResult",
    "Measurement",
    "RegimeError",
    "ScenarioError",
    "SuiteError",
    "Tick",
    "UnsupportedHere",
    "Untrustworthy",
    "UsageError",
    "Validity",
    "VerifyReport",
    "VerifyResult",
    "WorkerCrashed",
    "bench",
    "hunt",
    "verify",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: `vmemstress --help` needs none of them."""
    if name == "__version__":
        from pyharness.output.json import version

        return version()
    if name not in _HOMES:
        raise AttributeError(f"module 'pyharness' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"pyharness.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


class _Package(ModuleType):
    """The package, in which a function wins over the room of its name: `hunt` is both."""

    def __setattr__(self, name: str, value: object) -> None:
        # The import of a room sets it here as an attribute; rooms are met by `from` imports.
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
