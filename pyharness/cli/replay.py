"""`vmemstress replay`: the run that a token names, once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pyharness.cli.options import color_option


@click.command()
@click.argument("token")
@click.argument("file", required=False, metavar="[FILE.c]")
@click.option("--step", is_flag=True, help="Line by line, Enter for the next.")
@click.option("-v", "--verbose", is_flag=True, help="Every detail on a line of its own.")
@click.option("--json", "as_json", is_flag=True, help="The events as one JSON object.")
@click.option("--svg", "svg_file", metavar="FILE", help="Draw the columns with reads-from arrows.")
@color_option
def replay(token: str, file: str | None, **options: Any) -> int:
    """Show the witness that TOKEN names, exactly as it was found.

    A token of a scenario of yours needs the FILE too, as it was then."""
    from pyharness.output.atomic import check_output, write_atomically
    from pyharness.output.console import Printer, write
    from pyharness.output.json import encode
    from pyharness.output.tables import width
    from pyharness.verify.export import witness_object
    from pyharness.verify.replay import replay_token
    from pyharness.verify.witness import long_lines, svg, text_lines

    target = Path(options["svg_file"]) if options["svg_file"] else None
    if target is not None:
        check_output(target, "--svg")
    result = replay_token(token, file)
    assert result.witness is not None
    if target is not None:
        write_atomically(target, svg(result.witness).encode())
    if options["as_json"]:
        write(encode(witness_object(result)))
        return 0
    printer = Printer(options["color"])
    printer.line(result.witness.title, "bold")
    told = long_lines if options["step"] or options["verbose"] else text_lines
    for line in told(result.witness, width()):
        printer.line(line)
        if options["step"] and line.strip():
            click.pause(info="")
    return 0
