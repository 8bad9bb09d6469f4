"""What real threads have shown: outcomes, faults, and how far to believe it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyharness.output.units import percent
from pyharness.report.documents import Hunt, HuntEntry, Run
from pyharness.report.labels import settings_text, share
from pyharness.report.views import Block, Cell, FoldView, Head, ProseView, Section, TableView, tag


def agreement(as_expected: bool | None) -> Cell:
    """Whether what was found is what was expected."""
    if as_expected is None:
        return Cell("not decided", tone="plain")
    return Cell("as expected", tone="good") if as_expected else Cell("not expected", tone="bad")


def title_of(entry: HuntEntry) -> str:
    """Claim, scenario, regime and parameters of a row."""
    where = ", ".join(
        p for p in (entry.regime or "", settings_text(entry.parameters)) if p
    )
    claim = f"{entry.claim}: " if entry.claim else ""
    return f"{claim}{entry.scenario}" + (f" ({where})" if where else "")


def _summary(runs: Sequence[tuple[str, HuntEntry]]) -> TableView:
    table = TableView(
        "Every row that was hunted, and what it came to.",
        [
            *(Head("Scenario"), Head("Regime"), Head("Runs", right=True), Head("Verdict")),
            *(Head("Expected"), Head("Agrees"), Head("Validity"), Head("Found")),
        ],
    )
    for _, entry in runs:
        table.add(
            (f"{entry.claim}: " if entry.claim else "") + entry.scenario,
            entry.regime or "",
            f"{entry.samples:,}",
            tag(entry.verdict),
            entry.expected or "",
            agreement(entry.as_expected),
            tag(entry.validity.verdict),
            entry.message,
        )
    return table


def _outcomes(entry: HuntEntry) -> TableView:
    table = TableView(
        f"Outcomes of {entry.samples:,} runs.",
        [
            *(Head("Outcome"), Head("Runs", right=True), Head("Share", right=True)),
            *(Head("Grade"), Head("What it means")),
        ],
    )
    for o in entry.outcomes:
        name = o.outcome if o.hazard in (None, o.outcome) else f"{o.outcome} ({o.hazard})"
        table.add(
            name,
            f"{o.count:,}",
            percent(o.count, entry.samples),
            tag(o.grade) if o.count else Cell(o.grade),
            o.about,
        )
    return table


def _faults(entry: HuntEntry) -> TableView:
    table = TableView(
        "Real faults, by the line of the source that made the access.",
        [
            *(Head("Fault"), Head("Times", right=True), Head("Actor")),
            *(Head("struct page", right=True), Head("Source"), Head("Operation")),
        ],
    )
    for f in entry.faults:
        table.add(
            f"{f.kind} ({f.hazard})" if f.hazard else f.kind,
            f"{f.count:,}",
            f.actor,
            "" if f.page is None else str(f.page),
            Cell(f"{f.file}:{f.line}", code=True),
            Cell(" ".join(f.operation.split()), code=True),
        )
    return table


def _believe(entry: HuntEntry) -> str:
    parts = [f"Validity: {entry.validity.reason or entry.validity.verdict}"]
    if entry.validity.cpu_share is not None:
        parts.append(f"CPU share {share(entry.validity.cpu_share)}")
    if entry.threads:
        parts.append(f"{entry.threads} threads")
    return "; ".join(parts)


def _blocks(runs: Sequence[tuple[str, HuntEntry]], *, several: bool) -> Iterator[Block]:
    if len(runs) > 1:
        yield _summary(runs)
    for name, entry in runs:
        title = title_of(entry) + (f", {name}" if several else "")
        labels = (tag(entry.verdict), agreement(entry.as_expected), tag(entry.validity.verdict))
        if len(runs) > 1:
            yield FoldView(title, labels, list(_entry(entry, "", ())), False)
        else:
            yield from _entry(entry, title, labels)


def _entry(entry: HuntEntry, title: str, labels: Sequence[Cell]) -> Iterator[Block]:
    sentences = (s.strip().rstrip(".") for s in (entry.says or "", entry.message, _believe(entry)))
    yield ProseView(title, " ".join(f"{s}." for s in sentences if s), labels)
    yield _outcomes(entry)
    if entry.faults:
        yield _faults(entry)


def hunt_section(runs: Sequence[Run]) -> Section | None:
    """The section on hunts; None without any."""
    hunts = [r for r in runs if isinstance(r.document, Hunt)]
    rows = [
        (r.name, e) for r in hunts if isinstance(r.document, Hunt) for e in r.document.results
    ]
    if not rows:
        return None
    return Section(
        "hunt",
        "Hunted on real threads",
        "Unreached means not seen in so many runs; a hunt never calls anything safe. "
        "A finding in a contaminated run is a finding; a miss there says less.",
        list(_blocks(rows, several=len(hunts) > 1)),
    )
