"""What the search has decided: the matrix of verdicts, and witnesses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyharness.errors import HarnessError
from pyharness.report.documents import Replay, Run, Verify, VerifyEntry, WitnessLine
from pyharness.report.hunt_sections import agreement
from pyharness.report.labels import settings_text, span
from pyharness.report.views import (
    TONES,
    Block,
    Cell,
    FoldView,
    Head,
    ProseView,
    Section,
    Step,
    TableView,
    WitnessView,
    tag,
)

_MODELS = ("sc", "tso", "arm64")
_MOST_WITNESSES = 24
_REPLAY_S = 5.0  # a witness is found again by its search; one that took longer is named only


def _models(entries: Sequence[VerifyEntry]) -> list[str]:
    found = dict.fromkeys(e.model for e in entries)
    return [m for m in _MODELS if m in found] + [m for m in found if m not in _MODELS]


def _cell(entries: Sequence[VerifyEntry]) -> Cell:
    if not entries:
        return Cell("")
    entry = entries[-1]
    text = f"{entry.verdict} {', '.join(entry.hazards)}".strip()
    if entry.as_expected is False:
        return Cell(f"{text} (expected {entry.expected})", tone="bad", hint=entry.message)
    return Cell(text, tone=TONES.get(entry.verdict, "plain"), hint=entry.message)


def matrix(entries: Sequence[VerifyEntry]) -> TableView:
    """Rows down, memory models across; what differs from the expectation says so."""
    models = _models(entries)
    table = TableView(
        "Verdicts by memory model. Violated is not bad news where it was expected: "
        "that protocol is known to be broken.",
        [Head("Case"), Head("Regime"), *(Head(m) for m in models), Head("Agrees")],
    )
    rows: dict[tuple[str, ...], list[VerifyEntry]] = {}
    for e in entries:
        key = (e.claim or "", e.name, e.regime or "", settings_text(e.parameters))
        rows.setdefault(key, []).append(e)
    same = {(name, regime) for _, name, regime, _ in rows}
    for (claim, name, regime, parameters), members in rows.items():
        shown = f"{claim}: {name}" if claim else name
        if len(same) < len(rows) and parameters:
            shown += f" ({parameters})"
        verdicts = [e.as_expected for e in members]
        table.add(
            shown,
            regime,
            *(_cell([e for e in members if e.model == m]) for m in models),
            agreement(False if False in verdicts else None if None in verdicts else True),
        )
    return table


def _searches(entries: Sequence[VerifyEntry]) -> TableView:
    table = TableView(
        "What was searched: executions up to equivalence, all of them where the verdict is holds.",
        [
            *(Head("Case"), Head("Regime"), Head("Model"), Head("Verdict")),
            *(Head("Executions", right=True), Head("Time", right=True), Head("In a sentence")),
        ],
    )
    for e in entries:
        table.add(
            e.name,
            e.regime or "",
            e.model,
            tag(e.verdict),
            f"{e.executions:,}",
            span(e.seconds * 1e9),
            e.message,
        )
    return table


def witness_view(
    title: str, explanation: str, lines: Sequence[WitnessLine], replay: str
) -> WitnessView:
    """A witness with the columns that its lines need, and the command that shows it."""
    names: dict[int, str] = {}
    for line in lines:
        names.setdefault(line.cpu, line.actor)
    order = sorted(names)
    steps = [
        Step(
            cpu=order.index(line.cpu),
            operation=line.operation,
            where=f"{line.file.rsplit('/', 1)[-1]}:{line.line}" if line.line else "",
            details=[d for d in (line.effect, f"through {line.entry}" if line.entry else "") if d],
            mark=line.mark,
        )
        for line in lines
    ]
    cpus = [f"CPU {cpu} {names[cpu]}".strip() for cpu in order]
    return WitnessView(title, explanation, cpus, steps, replay)


def _found_again(entry: VerifyEntry) -> Block:
    """The witness that an entry's token names, or why it cannot be shown."""
    from pyharness.catalogue.find import is_file_name
    from pyharness.output.commands import replay_command
    from pyharness.verify.replay import replay_token

    assert entry.witness is not None
    title = f"{entry.name}, {entry.regime or 'no regime'}, {entry.model}"
    command = replay_command(entry.name, entry.witness)
    file = entry.name if is_file_name(entry.name) else None
    try:
        witness = replay_token(entry.witness, file).witness
    except HarnessError as error:
        return ProseView(title, f"The witness cannot be shown here: {error}. {command}")
    assert witness is not None
    lines = [
        WitnessLine(w.cpu, w.operation, w.actor, w.file, w.line, w.effect, w.entry, w.mark)
        for w in witness.lines
    ]
    return witness_view(title, witness.explanation, lines, command)


def _witnesses(entries: Sequence[VerifyEntry]) -> Iterator[Block]:
    """One witness for each story: the same message under three models is told once."""
    from pyharness.output.commands import replay_command

    told: set[tuple[str, str, str]] = set()
    later: list[VerifyEntry] = []
    for e in entries:
        key = (e.name, e.regime or "", e.message)
        if e.witness is None or key in told:
            continue
        told.add(key)
        if e.seconds > _REPLAY_S or len(told) > _MOST_WITNESSES:
            later.append(e)
        else:
            yield _found_again(e)
    if later:
        table = TableView(
            "More witnesses, each shown by its command.",
            [Head("Case"), Head("Regime"), Head("Model"), Head("Command")],
        )
        for e in later:
            assert e.witness is not None
            command = Cell(replay_command(e.name, e.witness), code=True)
            table.add(e.name, e.regime or "", e.model, command)
        yield table


def verify_section(runs: Sequence[Run]) -> Section | None:
    """The section on searches; None without any."""
    entries = [e for r in runs if isinstance(r.document, Verify) for e in r.document.results]
    if not entries:
        return None
    return Section(
        "verify",
        "Searched completely",
        "Holds: every execution was visited and nothing forbidden was met. "
        "Bounded: a limit was hit first.",
        [
            matrix(entries),
            FoldView("Every search, with its executions", (), [_searches(entries)], False),
        ],
    )


def _folded(block: Block) -> Block:
    if not isinstance(block, WitnessView):
        return block
    steps = Cell(f"{len(block.steps)} steps", tone="plain")
    return FoldView(f"{block.title}: {block.explanation}", (steps,), [block], False)


def witness_section(runs: Sequence[Run]) -> Section | None:
    """The section of witnesses, of searches and of `replay --json`; None without any."""
    blocks: list[Block] = []
    for run in runs:
        if isinstance(run.document, Replay):
            w = run.document
            title = ", ".join(p for p in (w.title, w.model) if p)
            blocks.append(witness_view(title, w.message, w.lines, f"vmemstress replay {w.token}"))
        elif isinstance(run.document, Verify):
            blocks += _witnesses(run.document.results)
    if not blocks:
        return None
    shown = sum(isinstance(b, WitnessView) for b in blocks)
    if shown > 1:
        blocks = [_folded(b) for b in blocks]
    return Section(
        "witnesses",
        "Witnesses",
        "Shortest runs that break a rule: time runs down, each CPU has a column. Below an "
        "operation stands what it read or changed, and the page-table entry that translated.",
        blocks,
    )
