"""list, show, doctor, --help and --version."""

import subprocess
import sys
from pathlib import Path

import pytest

from pyharness.cli import cli

ROOT = Path(__file__).parents[2]
VERBS = sorted(cli.commands)


def test_help_names_the_verbs_and_the_exit_codes(vms):
    done = vms("--help")
    assert done.code == 0
    for verb in VERBS:
        assert verb in done.out
    assert "130 interrupted" in " ".join(done.out.split())


def test_without_a_verb_the_help_is_shown_as_help(vms):
    done = vms()
    assert done.code == 2
    assert done.err == vms("--help").out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(vms, verb):
    done = vms(verb, "--help")
    assert done.code == 0
    assert "Usage: vmemstress" in done.out


def test_version_is_one_line(vms):
    done = vms("--version")
    assert done.code == 0
    assert done.out.startswith("vmemstress ")


def test_list_has_a_line_for_everything(vms):
    done = vms("list")
    assert done.code == 0
    for name in ("specref", "fake-head-get", "no-recheck", "linux-6.15", "thread", "mutants"):
        assert any(line.split()[:1] == [name] for line in done.out.splitlines()), name
    assert "[model only]" in done.out


def test_list_json_has_the_shape_that_was_promised(vms):
    found = vms("list", "--json").json
    assert found["tool"] == "vmemstress"
    assert found["command"] == "list"
    names = {s["name"] for s in found["scenarios"]}
    assert {"specref", "fake-head-get", "no-recheck"} <= names
    for scenario in found["scenarios"]:
        assert set(scenario) >= {"name", "title", "suites", "parameters", "hardware"}
    for regime in found["regimes"]:
        assert set(regime) == {"name", "title"}
    assert {s["name"] for s in found["suites"]} >= {"thread", "history", "arm64", "mutants"}
    assert all(s["cases"] for s in found["suites"])


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("specref", ["actors", "parameters", "readers", "1 to 3", "forbidden"]),
        ("fake-head-get", ["expected, by regime", "linux-5.18", "violated H1"]),
        ("linux-6.15", ["count-then-fake-head", "sources", "expected, by scenario"]),
        ("no-guard-in-try-get", ["linux-6.15", "get_guard=none", "violated H1"]),
        ("thread", ["T1", "t4-read-only-tail"]),
    ],
)
def test_show_tells_the_story_of_whatever_has_the_name(vms, name, parts):
    done = vms("show", name)
    assert done.code == 0, done.err
    for part in parts:
        assert part in done.out


def test_show_tells_of_a_regime_of_the_users(vms, tmp_path):
    (tmp_path / "mine.toml").write_text('base = "linux-6.15"\n[knobs]\ngrace_period = "none"\n')
    done = vms("show", "mine.toml", "--json")
    assert done.json["knobs"]["grace_period"] == "none"
    assert done.json["knobs"]["get_rcu"] is True


def test_doctor_looks_at_everything_and_says_what_lacks_cost(vms):
    found = vms("doctor", "--json").json
    facts = found["facts"]
    assert set(facts) >= {
        *("cpu", "lse", "bbm_level", "cpus", "caches", "membarrier", "userfaultfd"),
        *("max_map_count", "hvo", "clock", "handoff", "remap_ns", "membarrier_ns"),
    }
    assert all(entry["cost"] for entry in found["lacks"])
    assert "max_map_count" in vms("doctor").out


@pytest.mark.parametrize("verb", [["list"], ["show", "specref"]])
def test_colour_is_only_where_it_is_wanted(vms, verb):
    assert "\x1b[" not in vms(*verb).out
    assert "\x1b[" not in vms(*verb, env={"NO_COLOR": "1"}).out
    assert "\x1b[" in vms(*verb, "--color", "always").out


@pytest.fixture
def beside_the_source(environment):
    """Run Python in the checkout, whose folder `pyharness` comes before the installed one."""
    env = {k: v for k, v in environment.items() if k != "PYTHONSAFEPATH"}

    def run(*args):
        command = [sys.executable, *args]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)

    return run


def test_in_the_checkout_the_module_meets_the_built_core(beside_the_source):
    done = beside_the_source("-m", "pyharness", "verify", "store-buffering", "--model", "sc", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    assert "store-buffering" in done.stdout


def test_in_the_checkout_the_import_is_of_the_source_with_the_built_core(beside_the_source):
    done = beside_the_source(
        "-c", "import pyharness; from pyharness import _core; print(pyharness.__file__)"
    )
    assert (done.stdout.strip(), done.stderr) == (str(ROOT / "pyharness" / "__init__.py"), "")


def test_a_checkout_that_was_never_built_says_how_to_build_it(beside_the_source):
    done = beside_the_source(
        "-c",
        "import sys; sys.modules['pyharness._core'] = None; sys.argv = ['vmemstress', 'list'];"
        "from pyharness.cli import main; main()",
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert "pip install ." in done.stderr
