"""The command `vmemstress`: its verbs, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from pyharness.cli.bench import bench
from pyharness.cli.compare import compare
from pyharness.cli.doctor import doctor
from pyharness.cli.hunt import hunt
from pyharness.cli.listing import list_
from pyharness.cli.replay import replay
from pyharness.cli.report import report
from pyharness.cli.runs import runs
from pyharness.cli.show import show
from pyharness.cli.verify import verify
from pyharness.errors import ExitCode, HarnessError, PipeClosed, UsageError, nearest, quote
from pyharness.output.console import note, swallow_stdout

_EPILOG = """Exit codes: 0 as expected; 1 a forbidden outcome where none was expected; 2 usage or
bad input; 3 cannot run here; 4 performance regression; 5 a worker crashed; 6 result not
trustworthy; 130 interrupted, partial result kept; 141 the reader of stdout went away.

Every option can be set as VMEMSTRESS_VERB_OPTION, for example VMEMSTRESS_HUNT_BUDGET=2m."""


class _Verbs(click.Group):
    """A group that names the nearest verbs for an unknown one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            verbs = self.list_commands(ctx)
            ctx.fail(f"unknown command {quote(name)}; {nearest(name, verbs)}")
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from pyharness.output.json import version

        click.echo(f"vmemstress {version()}")
        ctx.exit()


@click.group(
    cls=_Verbs,
    epilog=_EPILOG,
    context_settings={
        "auto_envvar_prefix": "VMEMSTRESS",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Print the version and exit.",
)
def cli() -> None:
    """Hunt races between speculative references and a memory map that changes beneath them."""


for _verb in (hunt, verify, bench, compare, report, replay, runs, list_, show, doctor):
    cli.add_command(_verb)


# Of click 8.2 and later; those before print the help themselves.
_NO_ARGUMENTS: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())


def _usage(error: click.ClickException) -> int:
    if isinstance(error, _NO_ARGUMENTS):
        note(error.format_message())  # the help, not a line to be folded
        return ExitCode.USAGE
    path = "vmemstress"
    if isinstance(error, click.UsageError) and error.ctx is not None:
        path = error.ctx.command_path
    note(f"{path}: {' '.join(error.format_message().split())}")
    return ExitCode.USAGE


def _failure(error: HarnessError) -> int:
    if not isinstance(error, PipeClosed):
        note(f"vmemstress: {error}")
    swallow_stdout()
    return error.exit_code


def _check_text(arguments: list[str]) -> None:
    """UsageError for bytes that are no text: neither JSON nor the store could hold them."""
    for each in arguments:
        try:
            each.encode()
        except UnicodeEncodeError:
            raise UsageError(f"the argument {quote(each)} is no UTF-8 text") from None


def run(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code; never a traceback."""
    try:
        _check_text(sys.argv[1:] if argv is None else argv)
        return int(cli.main(args=argv, prog_name="vmemstress", standalone_mode=False) or 0)
    except click.ClickException as error:
        return _usage(error)
    except HarnessError as error:
        return _failure(error)
    except (click.Abort, KeyboardInterrupt):
        note("vmemstress: interrupted before there was a result")
        return ExitCode.INTERRUPTED
    except SystemExit:  # click's own answer to a closed pipe
        swallow_stdout()
        return ExitCode.BROKEN_PIPE
    except OSError as error:
        note(f"vmemstress: {error.strerror or error}")
        swallow_stdout()
        return ExitCode.UNSUPPORTED
    except MemoryError:
        note("vmemstress: out of memory")
        return ExitCode.UNSUPPORTED
    except Exception as error:
        if os.environ.get("VMEMSTRESS_TRACEBACK"):
            raise
        text = " ".join(str(error).split())
        note(
            f"vmemstress: internal error, {type(error).__name__}: {text}; "
            "VMEMSTRESS_TRACEBACK=1 shows where"
        )
        return ExitCode.CRASHED


def main() -> None:
    """The entry point of the installed command."""
    code = run()
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        swallow_stdout()
    sys.exit(code)
