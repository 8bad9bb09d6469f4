"""`vmemstress runs`: what was run before, one line each; show one, delete some."""

from __future__ import annotations

import re
import shlex
import time
from typing import TYPE_CHECKING, Any

import click

from pyharness.cli.saving import store_option
from pyharness.errors import UsageError, quote

if TYPE_CHECKING:
    from pyharness.store import RunInfo, Store

VERBS = ("hunt", "verify", "bench")
_AGE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(h|d|w)", re.ASCII)
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}


def _age(text: str) -> float:
    """Seconds of `12h`, `30d` or `8w`."""
    match = _AGE.fullmatch(text.strip().lower())
    if not match:
        raise UsageError(f"--older: {quote(text)} is no age; write 12h, 30d or 8w")
    return float(match[1]) * _HOURS[match[2]] * 3600.0


# The environment has spoken by then, for `runs` itself.
_store_here = click.option("--store", "store_dir", metavar="DIR", help="As before the command.")
_color = click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")


class _Runs(click.Group):
    """A group that names the nearest command for an unknown one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from pyharness.errors import unknown

        if self.get_command(ctx, args[0]) is None:
            ctx.fail(unknown("command of runs", args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Runs,
    invoke_without_command=True,
    epilog="A run is named by its ID or the beginning of it, @last, @last~2, or @NAME of --save.",
)
@click.option("--verb", type=click.Choice(VERBS), help="Runs of this verb alone.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N",
    help="At most so many, the newest.",
)  # fmt: skip
@click.option("--rebuild", is_flag=True, help="Read the runs themselves, not their summaries.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@_color
@click.pass_context
def runs(ctx: click.Context, /, **given: Any) -> int:
    """List the runs that were kept, the newest first; show or delete them."""
    ctx.obj = given["store_dir"]
    return 0 if ctx.invoked_subcommand else _list(**given)


def _list(
    verb: str | None, limit: int, rebuild: bool, store_dir: str | None, as_json: bool, color: str
) -> int:
    from pyharness.output import json as jsonout
    from pyharness.output.console import note, write
    from pyharness.store import Store

    store = Store(store_dir)
    found, damaged = store.runs([verb] if verb else [], limit, afresh=rebuild)
    for error in damaged:
        note(f"vmemstress: left out: {error}")
    if as_json:
        write(
            jsonout.encode(
                {
                    **jsonout.header("runs"),
                    "store": str(store.root),
                    "runs": found,
                    "damaged": [str(error) for error in damaged],
                }
            )
        )
    else:
        _print(found, store, color)
    return 0


def _print(found: list[RunInfo], store: Store, color: str) -> None:
    from pyharness.output.console import Printer
    from pyharness.output.tables import Column, Table
    from pyharness.store.runs import when

    printer = Printer(color)
    if not found:
        printer.line(f"no runs in {store.root}")
        return
    titles = ("ID", "STARTED", "VERB", "WHAT", "VERDICT", "EXIT", "VALIDITY", "NAME")
    table = Table([Column(t, right=t == "EXIT", flex=t in ("WHAT", "VERDICT")) for t in titles])
    for run in found:
        cut = "interrupted: " if run.interrupted else ""
        table.add(
            *(run.id, when(run.started), run.verb, run.what, cut + run.verdict),
            *(str(run.exit_code), run.validity, f"@{run.name}" if run.name else ""),
            style={0: "", 1: "forbidden"}.get(run.exit_code, "interesting"),
        )
    printer.table(table)


@runs.command()
@click.argument("run", metavar="RUN")
@_store_here
@click.option("--json", "as_json", is_flag=True, help="The run's whole JSON object.")
@_color
@click.pass_obj
def show(above: str | None, store_dir: str | None, run: str, as_json: bool, color: str) -> int:
    """How RUN was started and what came out, row by row."""
    from pyharness.output import json as jsonout
    from pyharness.output.console import Printer, write
    from pyharness.output.junit import cases
    from pyharness.output.units import seconds_text
    from pyharness.store import resolve
    from pyharness.store.runs import when

    found = resolve(run, root=store_dir or above)
    meta = found.meta
    if as_json:
        write(jsonout.encode({**found.data, "run": meta}))
        return 0
    printer = Printer(color)
    printer.line(found.label, "bold")
    if meta is not None:
        printer.line(f"  command: {shlex.join(meta.command_line)}")
        took = seconds_text(max(0.0, meta.finished - meta.started))
        cut = ", interrupted" if meta.interrupted else ""
        printer.line(f"  started: {when(meta.started)}, took {took}; exit {meta.exit_code}{cut}")
    host = found.data.get("host", {})
    printer.line(f"  host: {host.get('cpu')}, {host.get('arch')}, Linux {host.get('kernel')}")
    printer.line(f"  kept in: {found.path}")
    for case in cases(found.data):
        printer.line(f"  {case.kind or 'ok'}: {case.name}")
        for line in (case.text or case.message).splitlines():
            printer.line(f"    {line}")
    return 0


@runs.command()
@click.argument("ids", nargs=-1, metavar="[RUN]...")
@click.option("--keep", type=click.IntRange(min=0), metavar="N", help="All but the newest N.")
@click.option("--older", metavar="AGE", help="All that are older: 12h, 30d, 8w.")
@click.option("--yes", is_flag=True, help="Do it; --keep and --older only tell without.")
@_store_here
@click.pass_obj
def delete(
    above: str | None,
    store_dir: str | None,
    ids: tuple[str, ...],
    keep: int | None,
    older: str | None,
    yes: bool,
) -> int:
    """Delete the runs that are named, or old ones; what has an @NAME goes only by its ID."""
    from pyharness.errors import OutputError
    from pyharness.output.console import Printer
    from pyharness.store import Store
    from pyharness.store.resolve import find_id

    if bool(ids) + (keep is not None) + (older is not None) != 1:
        raise UsageError("say which runs: their IDs, or --keep N, or --older AGE")
    store = Store(store_dir or above)
    if ids:
        chosen = [find_id(text, store) for text in ids]
    else:
        found, _ = store.runs()
        before = time.time() - _age(older) if older else None
        old = (
            [run for run in found if run.started < before]
            if before is not None
            else found[keep or 0 :]
        )
        chosen = [run.id for run in old if not run.name]
        if chosen and not yes:
            raise UsageError(f"{len(chosen)} of {len(found)} runs would go; --yes deletes them")
    try:
        store.delete(dict.fromkeys(chosen))
    except OSError as error:
        raise OutputError(f"cannot delete in {store.root}: {error.strerror}") from None
    Printer("never").line(f"deleted: {', '.join(chosen) or 'nothing'}")
    return 0
