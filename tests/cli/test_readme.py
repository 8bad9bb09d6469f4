"""Every command of the README is run, and its eight lines of C are hunted."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, containing: str) -> str:
    """The fenced block of that language that contains the text."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README, re.S)
    return next(b for b in blocks if containing in b)


def test_the_scenario_has_eight_lines() -> None:
    """The README promises eight."""
    assert len(block("c", "SCENARIO(").strip().splitlines()) == 8


def test_the_eight_lines_find_their_bug(tmp_path: Path, vms: Callable[..., Any]) -> None:
    """As printed, compiled by the command that the README names, from another folder."""
    (tmp_path / "revive.c").write_text(block("c", "SCENARIO("), encoding="utf-8")
    done = vms("hunt", "revive.c", "--until-found", "--budget", "30s")
    assert done.code == 1, done.err
    assert "revived" in done.out


def test_the_eight_lines_are_searched_too(tmp_path: Path, vms: Callable[..., Any]) -> None:
    """The same file under the other machine: a witness."""
    (tmp_path / "revive.c").write_text(block("c", "SCENARIO("), encoding="utf-8")
    done = vms("verify", "revive.c", "--model", "sc")
    assert done.code == 1, done.err
    shown = README[README.index("    CPU 0 get") :].split("\n```")[0]
    assert len(shown.splitlines()) == 7
    assert shown in done.out


def shown_commands() -> list[str]:
    """Lines of the fenced blocks that start with the command, and those in the text."""
    fenced = re.findall(r"^\$ (vmemstress .*)$", README, re.M)
    verbs = "hunt|list|doctor|verify|replay|bench|runs|compare|report"
    inline = re.findall(rf"`(vmemstress (?:{verbs})\b[^`\[]*)`", README)
    rows = re.findall(r"^\| `((?:hunt|verify)[^`]*)`", README, re.M)
    given = {" ".join(c.split()) for c in [*fenced, *inline, *(f"vmemstress {r}" for r in rows)]}
    return sorted(c for c in given if not any(w.isupper() for w in c.split()))


@pytest.mark.parametrize("command", [c for c in shown_commands() if "revive.c" not in c])
def test_every_command_of_the_readme_runs(command: str, vms: Callable[..., Any]) -> None:
    """With a short budget where it hunts, and short windows, for which real time is no must,
    where it measures; commands with placeholders are left out."""
    words = command.split()[1:]
    if words[0] == "bench":
        words = [w for w in words if w != "--realtime"]
        words += ["--repetitions", "1", "--time", "2ms"]
    if words[0] == "hunt":
        if "--budget" in words:
            del words[words.index("--budget") : words.index("--budget") + 2]
        words += ["--budget", "2s"]
    words += ["--no-self-test"] if words[0] == "hunt" else []
    done = vms(*words, timeout=120)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err


def test_the_lines_of_the_source_that_are_shown_say_what_is_shown() -> None:
    """A reader looks them up."""
    places = re.findall(r"(csrc/\S+):(\d+) \w+\(\): (.*)", README)
    assert places
    for file, line, operation in places:
        assert operation in (ROOT / file).read_text().splitlines()[int(line) - 1]


def test_the_make_targets_exist() -> None:
    """The two commands of the README are targets of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+) ", README, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_the_links_lead_somewhere() -> None:
    """Relative links name files of the tree."""
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
