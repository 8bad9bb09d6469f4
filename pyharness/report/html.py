"""The page: one file that needs nothing else, and asks nobody for anything."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from pyharness.report.labels import printable
from pyharness.report.palette import THEMES
from pyharness.report.views import Report

if TYPE_CHECKING:
    from jinja2 import Environment

_PARTS = ("report.html", "blocks.html", "report.css")


def _environment() -> Environment:
    from jinja2 import DictLoader, Environment, StrictUndefined

    # an editable install shows folders that exist only entry by entry
    folder = resources.files("pyharness") / "report" / "templates"
    found = {e.name: e for e in folder.iterdir()}
    texts = {name: found[name].read_text(encoding="utf-8") for name in _PARTS}
    return Environment(
        loader=DictLoader(texts),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(report: Report) -> str:
    """The report as HTML."""
    environment = _environment()
    environment.finalize = lambda value: printable(value) if type(value) is str else value
    return environment.get_template("report.html").render(report=report, themes=THEMES)
