"""Every command of the documentation is run, as a reader would: page by page, in a fresh folder."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from pages import ROOT, Command, blocks, links, missing, pages, setup, shortened, steps


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _shell(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """An environment in which vmemstress, python and pytest are those of this test."""
    programs = folder / "bin"
    programs.mkdir()
    for name, words in {
        "vmemstress": "-P -m pyharness",
        "pytest": "-P -m pytest -p no:cacheprovider",
        "python": "",
    }.items():
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return {
        **environment,
        "COLUMNS": "100",
        "PATH": f"{programs}:{os.environ['PATH']}",
        "XDG_STATE_HOME": str(folder / "state"),
    }


def _run(command: Command, folder: Path, env: dict[str, str]) -> None:
    text = command.text if command.exact else shortened(command.text)
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
    )
    told = f"$ {text}\n{done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr, told
    if command.exact:
        assert done.returncode == command.code, told
        line = missing(command.output, done.stdout + done.stderr)
        assert line is None, f"not printed: {line}\n{told}"
    else:
        # a violation, a rule that is met, a window too short to be judged: all are answers
        assert done.returncode in (0, 1, 4, 6), told


@pytest.mark.slow
@pytest.mark.hardware
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "page", [p for p in pages() if any(isinstance(s, Command) for s in steps(_text(p)))], ids=_name
)
def test_the_commands_of_a_page_do_what_it_says(
    page: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    """In its order, with the files that it has the reader write."""
    env = _shell(tmp_path, environment)
    folder = tmp_path / "mine"
    folder.mkdir()
    if page.parent.name == "examples":
        for source in page.parent.glob("*.c"):
            shutil.copy(source, folder)
    for step in steps(_text(page)):
        if isinstance(step, Command):
            _run(step, folder, env)
        else:
            name, body = step
            (folder / name).write_text(body, encoding="utf-8")


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_commands_stand_in_blocks_that_are_run(page: Path) -> None:
    """None hides in a block of another kind."""
    for info, body in blocks(_text(page)):
        if info in ("console", "sh") or "title=" in info:
            continue
        assert not re.search(r"^(\$ )?vmemstress \w", body, re.M), body


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_setup_names_targets_and_extras_that_exist(page: Path) -> None:
    """Building is not done again here; what is named is there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for line in setup(_text(page)):
        words = line.split()
        if words[0] == "make":
            assert re.search(rf"^(\w[\w -]* )?{words[1]}( [\w -]*)?:", makefile, re.M), line
        elif "pip" in words[0] or "pip" in words[:4]:
            for extra in re.findall(r"\[([\w,]+)\]", line):
                assert set(extra.split(",")) <= set(project["optional-dependencies"]), line
        elif words[0] in ("pytest", "git") and words[0] == "pytest":
            paths = [w for w in words[1:] if w.startswith("tests/")]
            assert all((ROOT / path).exists() for path in paths), line
        else:
            assert words[0] in ("git", "cd", "export", "python3", ".", "apt"), line


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_the_links_lead_somewhere(page: Path) -> None:
    """Relative links name files of the tree."""
    for target in links(_text(page)):
        assert (page.parent / target).exists(), target


def test_a_page_that_is_wrong_is_told() -> None:
    """The check of the check: a line that is not printed, one in the wrong order."""
    assert missing(["a", "...", "c"], "a\nb\nc\n") is None
    assert missing(["a 1 ... s"], "a 1 0.25 s\n") is None
    assert missing(["a", "d"], "a\nb\n") == "d"
    assert missing(["b", "a"], "a\nb\n") == "a"
    assert missing(["ab"], "abc\n") == "ab"
    session = list(steps("```console\n$ false  # exit 1\nout\n$ true\n```\n"))
    assert session == [Command("false", True, 1, ["out"]), Command("true", True)]
    assert list(
        steps("`vmemstress show NAME`, `vmemstress hunt FILE.c` and `vmemstress list`\n")
    ) == [Command("vmemstress list", exact=False)]
