"""The site's hooks: the front page and the examples are those of the tree, and links that lead
out of the site become plain names. MkDocs calls the functions below by their names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File
from pygments.formatters import HtmlFormatter

ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s:]+)\)")
_IMAGE = re.compile(r"!\[([^\]]*)\]\(docs/([^)\s:]+)\)")


def _front(text: str) -> str:
    """README.md as a page of docs/."""
    text = _IMAGE.sub(r"![\1](\2)", text)
    text = re.sub(r"\]\(docs/([^)]+)\)", r"](\1)", text)
    return text.replace("](examples/README.md)", "](examples.md)")


def _inside(match: re.Match[str]) -> str:
    """A link within the site as it is, one to the tree as its text."""
    text, target = match.groups()
    if target.startswith("../examples/README.md"):
        return f"[{text}](examples.md)"
    if target.startswith("../README.md"):
        return f"[{text}](index.md)"
    page = (ROOT / "docs" / target.split("#")[0]).exists()
    known = page or target.split("#")[0] in ("", "index.md", "examples.md")
    return match[0] if known and not target.startswith("../") else text


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that stand elsewhere in the tree, and the colours of code."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    examples = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    colours = HtmlFormatter(style="friendly").get_style_defs(".highlight")
    for name, content in {
        "index.md": _front(readme),
        "examples.md": examples,
        "highlight.css": colours,
    }.items():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Rewrite the links that lead out of the site."""
    parts = re.split(r"(^```.*?^```$)", markdown, flags=re.M | re.S)
    return "".join(p if p.startswith("```") else _LINK.sub(_inside, p) for p in parts)
