"""What the wheels are promised to be, by the file that builds them."""

import tomllib
from pathlib import Path

import pytest

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture(scope="module")
def tool():
    return tomllib.loads(PYPROJECT.read_text())["tool"]


def test_one_wheel_an_architecture_for_the_stable_abi_of_3_11(tool):
    assert tool["meson-python"]["limited-api"] is True
    assert tool["cibuildwheel"]["build"] == "cp311-manylinux_*"
    assert tool["cibuildwheel"]["linux"]["archs"] == ["x86_64", "aarch64"]
    assert "limited_api: '3.11'" in (PYPROJECT.parent / "pyharness" / "meson.build").read_text()


@pytest.mark.parametrize("architecture", ["x86_64", "aarch64"])
def test_the_c_library_is_that_of_manylinux_2_28(tool, architecture):
    image = tool["cibuildwheel"]["linux"][f"manylinux-{architecture}-image"]
    assert image == "manylinux_2_28"


def test_a_wheel_that_leaves_the_stable_abi_is_refused(tool):
    repair = tool["cibuildwheel"]["linux"]["repair-wheel-command"]
    assert any("auditwheel repair" in command for command in repair)
    assert any("abi3audit --strict" in command for command in repair)


def test_a_built_wheel_is_run(tool):
    commands = tool["cibuildwheel"]["test-command"]
    assert any(c.startswith("vmemstress verify --suite thread") for c in commands)
    assert any(c.startswith("vmemstress hunt") for c in commands)
