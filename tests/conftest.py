"""What holds for every test: runs are kept in a place of the tests' own."""

import pytest

pytest_plugins = ["processes"]


@pytest.fixture(scope="session", autouse=True)
def _state_home(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    patch.delenv("VMEMSTRESS_STORE", raising=False)
    yield
    patch.undo()
