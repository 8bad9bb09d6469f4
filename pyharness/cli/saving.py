"""What hunt, verify and bench have in common at their end: the store and --junit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pyharness.errors import ExitCode, OutputError

if TYPE_CHECKING:
    from pyharness.store import Recorder

F = TypeVar("F", bound=Callable[..., Any])

store_option = click.option(
    "--store",
    "store_dir",
    metavar="DIR",
    envvar="VMEMSTRESS_STORE",
    help="Where runs are kept; default: $XDG_STATE_HOME/vmemstress.",
)


def keeping_options(command: F) -> F:
    """The options --save, --store, --no-store and --junit."""
    options = [
        click.option("--save", metavar="NAME", help="Keep the run as @NAME."),
        store_option,
        click.option("--no-store", is_flag=True, help="Do not keep the run."),
        click.option("--junit", metavar="FILE", help="JUnit XML of the rows, for CI servers."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is to be done with the result; made by `begin()` before the run."""

    recorder: Recorder
    junit: Path | None

    def end(self, data: Mapping[str, Any], exit_code: int) -> int:
        """Keep the run and write the JUnit file; the exit code, 3 when the file failed.

        `data` is the verb's JSON object. Neither failure keeps the result from the
        user: both are one line on stderr.
        """
        from pyharness.output.console import note

        self.recorder.keep(data, exit_code)
        if self.junit is None:
            return int(exit_code)
        from pyharness.output.atomic import write_atomically
        from pyharness.output.junit import document

        try:
            write_atomically(self.junit, document(data, self.recorder.started))
        except OutputError as error:
            note(f"vmemstress: --junit: {error}")
            return int(exit_code) or ExitCode.UNSUPPORTED
        return int(exit_code)


def begin(given: Mapping[str, Any]) -> Keeping:
    """Check the four options; UsageError for a name or file that cannot be used."""
    from pyharness.errors import UsageError
    from pyharness.output.atomic import check_output
    from pyharness.store import Recorder
    from pyharness.store.runs import check_name

    if given["save"] is not None:
        check_name(given["save"])
        if given["no_store"]:
            raise UsageError("--save: --no-store keeps nothing")
    junit = Path(given["junit"]) if given["junit"] else None
    if junit is not None:
        check_output(junit, "--junit")
    recorder = Recorder(given["store_dir"], not given["no_store"], given["save"])
    return Keeping(recorder, junit)
