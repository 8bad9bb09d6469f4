"""What a page of the documentation promises: files to write, commands to run, links.

- A fenced block with `title="NAME"` is the file NAME.
- A block `console` is a session. A line `$ COMMAND` is run as it stands; it ends with 0, or
  with N where it says `# exit N`. The lines below it are in its output, in this order;
  `...` stands for anything, within a line too.
- A line `vmemstress ...` of a block `sh`, and one in backquotes in the text, is run with
  short budgets and windows. One with a placeholder in capitals is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERBS = "hunt|verify|replay|bench|compare|report|runs|list|show|doctor"
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.M | re.S)
_INLINE = re.compile(rf"`(vmemstress (?:{VERBS})\b[^`]*)`")


@dataclass(frozen=True)
class Command:
    """A command of a page, with what it must end in and print."""

    text: str
    exact: bool
    code: int = 0
    output: list[str] = field(default_factory=list)


def pages() -> list[Path]:
    """Every page: the front page, the guides, the examples' table."""
    return [
        ROOT / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
        ROOT / "examples" / "README.md",
    ]


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """(what stands behind the backquotes, body) of each fenced block."""
    for fence in _FENCE.finditer(text):
        yield fence["info"].strip(), fence["body"]


def steps(text: str) -> Iterator[tuple[str, str] | Command]:
    """Files and commands in the order of the page; the commands of the text come last."""
    for info, body in blocks(text):
        if title := re.search(r'title="([^"]+)"', info):
            yield title[1], body
        elif info == "console":
            yield from _session(body)
        elif info == "sh":
            yield from (Command(c, exact=False) for c in _lines(body))
    found = {" ".join(c.split()) for c in _INLINE.findall(_FENCE.sub("", text))}
    yield from (Command(c, exact=False) for c in sorted(found) if not _placeholder(c))


def setup(text: str) -> list[str]:
    """The lines of `sh` blocks that are no commands of the product: cloning, make, pip."""
    lines = [
        line.split("#")[0].strip()
        for info, body in blocks(text)
        if info == "sh"
        for line in body.splitlines()
    ]
    return [line for line in lines if line and not line.startswith("vmemstress ")]


def links(text: str) -> list[str]:
    """Relative links, without their fragment."""
    return re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", _FENCE.sub("", text))


def _placeholder(command: str) -> bool:
    words = [w for w in command.split() if not w.startswith("-")]
    names_a_verb = words[1:] in (["compare"], ["replay"], ["show"])  # which need arguments
    return names_a_verb or any(
        w.strip(",.").split(".")[0].isupper() or "..." in w or "[" in w for w in words
    )


def _lines(body: str) -> Iterator[str]:
    for line in body.replace("\\\n", " ").splitlines():
        command = " ".join(re.sub(r"\s+# .*", "", line).split())
        if command.startswith("vmemstress ") and not _placeholder(command):
            yield command


def _session(body: str) -> Iterator[Command]:
    now: Command | None = None
    for line in body.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            if now:
                yield now
            command, _, note = line[2:].partition("  # exit ")
            now = Command(command.strip(), exact=True, code=int(note or 0))
        elif now:
            now.output.append(line.rstrip())
    if now:
        yield now


def shortened(command: str) -> str:
    """The same command with a budget and windows that fit a test."""
    words = command.split()
    if words[1] in ("bench", "compare") and "--list" not in words:
        words = [w for w in words if w != "--realtime"]
        words = _without(words, "--patience", "--repetitions", "--time", "--pairs")
        if words[1] == "bench":
            words += ["--repetitions", "1", "--time", "2ms"]
        elif not any(w.startswith("@") for w in words):
            words += ["--pairs", "6", "--time", "2ms"]
    if words[1] == "hunt":
        words = [*_without(words, "--budget"), "--budget", "2s", "--no-self-test"]
    return " ".join(words)


def _without(words: list[str], *options: str) -> list[str]:
    kept: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        if word not in options and before not in options:
            kept.append(word)
    return kept


def missing(shown: list[str], printed: str) -> str | None:
    """The first line that is shown and was not printed where it should be; None: all were."""
    rest = iter([line.rstrip() for line in printed.splitlines()])
    for line in shown:
        if not line.strip() or line.strip() == "...":
            continue
        wanted = re.compile(".*".join(map(re.escape, line.split("..."))))
        if not any(wanted.fullmatch(there) for there in rest):
            return line
    return None
