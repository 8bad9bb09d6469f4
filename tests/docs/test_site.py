"""The site: it builds without a broken link, and loads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import pyharness

pytest.importorskip("mkdocs", reason="the site is built with the extra docs")
pytest.importorskip("mkdocstrings", reason="the site is built with the extra docs")

ROOT = Path(__file__).parents[2]
_LOADS = re.compile(
    r"<(?:script|img|iframe|source|audio|video|embed|object)\b[^>]*?(?:src|data|srcset)="
    r"[\"'](?:https?:)?//[^\"']*"
    r"|<link\b(?=[^>]*rel=[\"'](?:stylesheet|icon|shortcut icon|preload|preconnect|modulepreload))"
    r"[^>]*href=[\"'](?:https?:)?//[^\"']*",
    re.I,
)
_CSS_LOADS = re.compile(r"url\(\s*[\"']?(?:https?:)?//[^)]*\)|@import\s+[\"'](?:https?:)?//", re.I)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; `strict` makes a warning an error."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    """Links may lead out; scripts, styles, fonts and pictures are the site's own."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not _LOADS.findall(text), page
        assert not _CSS_LOADS.findall(text), page
    for style in site.rglob("*.css"):
        assert not _CSS_LOADS.findall(style.read_text(encoding="utf-8")), style
    for script in site.rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"(import|fetch|src\s*=)\s*\(?[\"'](https?:)?//", text), script


def test_what_loads_from_elsewhere_is_told() -> None:
    """The check of the check."""
    assert _LOADS.findall('<script defer src="https://cdn.example/x.js">')
    assert _LOADS.findall('<link rel="stylesheet" href="//cdn.example/x.css">')
    assert not _LOADS.findall('<a href="https://example.org">')
    assert not _LOADS.findall('<script src="js/theme.js"></script>')
    assert _CSS_LOADS.findall("src:url('https://fonts.example/a.woff')")
    assert not _CSS_LOADS.findall("src:url(../fonts/a.woff)")


def test_every_page_is_in_the_navigation(site: Path) -> None:
    """A page that nobody can reach is no page."""
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:")[1]
    named = set(re.findall(r": ([\w-]+)\.md$", nav, re.M))
    there = {p.stem for p in (ROOT / "docs").glob("*.md")} | {"index", "examples"}
    assert named == there
    assert all((site / f"{name}.html").exists() for name in named)


def test_the_reference_has_every_public_name(site: Path) -> None:
    """Of `pyharness.__all__`, rendered from its docstring."""
    text = (site / "reference.html").read_text(encoding="utf-8")
    for name in pyharness.__all__:
        assert re.search(rf'id="pyharness\.[\w.]*\b{name}"', text), name


@pytest.mark.parametrize("verb", ["hunt", "verify", "bench"])
def test_a_verb_has_all_its_arguments_in_the_reference(site: Path, verb: str) -> None:
    """Args, Returns and Raises; an argument that is not told is missing from the table."""
    text = (site / "reference.html").read_text(encoding="utf-8")
    part = text.split(f'id="pyharness.api.{verb}"')[1].split('id="pyharness.api.')[0]
    part = part.split('id="pyharness.hunt.')[0]
    for heading in ("Parameters:", "Returns:", "Raises:"):
        assert heading in part, heading
    code = getattr(pyharness, verb).__code__
    count = code.co_argcount + code.co_kwonlyargcount
    for name in code.co_varnames[: count + 1]:
        assert re.search(rf"<code>\*{{0,2}}{name}</code>", part), name
