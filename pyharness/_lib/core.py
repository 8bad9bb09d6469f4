"""What both halves of the border need: the compiled module, its texts and its errors."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from pyharness._lib.scenario import Scenario
from pyharness.errors import HarnessError, UnsupportedHere, Untrustworthy, UsageError, WorkerCrashed

try:
    from pyharness._core import ffi, lib
except ImportError as exc:  # a checkout that was never built, a wheel of another machine
    raise UnsupportedHere(
        f"the compiled core cannot be loaded ({exc}); build it with: pip install ."
    ) from None

if TYPE_CHECKING:
    from pyharness._core import CData

__all__ = ["check_abi", "failure", "ffi", "handle_of", "lib", "numbered", "text"]

_ABI = 1
_ERRORS: dict[int, type[HarnessError]] = {
    2: UsageError,
    3: UnsupportedHere,
    5: WorkerCrashed,
    6: Untrustworthy,
}


def text(pointer: Any) -> str:
    """A C string, "" for NULL."""
    return "" if pointer == ffi.NULL else ffi.string(pointer).decode(errors="replace")


def numbered(prefix: str, number: int) -> str | None:
    """H7 or I7; None for number 0."""
    return f"{prefix}{number}" if number else None


def failure(err: CData, what: str) -> HarnessError:
    """The exception for a vms_error, `what` where C gave no text."""
    said = " ".join(text(err.text).split()) or what
    return _ERRORS.get(int(err.status), WorkerCrashed)(said)


@functools.cache
def check_abi() -> None:
    """UnsupportedHere unless core and package are of one build."""
    if lib.vms_abi() != _ABI:
        raise UnsupportedHere(
            f"the compiled core speaks version {lib.vms_abi()} and this package version {_ABI}; "
            "reinstall: pip install --force-reinstall ."
        )


def handle_of(scenario: Scenario) -> CData:
    """The core's own scenario."""
    handle: Any = scenario.handle
    assert handle is not None, "a scenario that did not come from the core"
    return handle  # type: ignore[no-any-return]
