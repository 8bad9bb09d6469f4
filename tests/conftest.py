"""What holds for every test: its marks, and that runs are kept in a place of the tests' own."""

from pathlib import Path

import pytest

pytest_plugins = ["processes", "commands"]
_SYS_ADMIN = 1 << 21


def _may_mount():
    """Whether this process has the capability that mounting takes."""
    status = Path("/proc/self/status").read_text()
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) & _SYS_ADMIN)


def pytest_collection_modifyitems(items):
    lacking = pytest.mark.skip(reason="mounting a file system takes root")
    for item in [] if _may_mount() else items:
        if item.get_closest_marker("root"):
            item.add_marker(lacking)


@pytest.fixture(scope="session", autouse=True)
def _state_home(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    patch.delenv("VMEMSTRESS_STORE", raising=False)
    yield
    patch.undo()
