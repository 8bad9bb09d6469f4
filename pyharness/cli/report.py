"""`vmemstress report`: what runs have shown, as one file for a browser."""

from __future__ import annotations

from pathlib import Path

import click

from pyharness.errors import UsageError, quote


def _folder(path: Path) -> Path:
    """The folder, made if need be; UsageError when something else is there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"--png: cannot make the folder {quote(path)}: {reason}") from None
    return path


@click.command(
    epilog="RUN is a run of the store (@last, @NAME, an ID) or a JSON file of hunt, verify, "
    "bench, replay or doctor. Without RUN: @last."
)
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="The HTML file; - is stdout.  [default: report.html, unless --png is given]",
)
@click.option("--png", "png_folder", metavar="DIR", help="Write each figure there as a picture.")
@click.option("--store", "root", metavar="DIR", help="The run store to look in.")
def report(
    runs: tuple[str, ...], output: str | None, png_folder: str | None, root: str | None
) -> int:
    """Write one self-contained HTML file on runs: figures, tables, witnesses."""
    from pyharness.output.atomic import check_output, write_atomically
    from pyharness.output.console import note, write
    from pyharness.output.json import version
    from pyharness.report.build import build
    from pyharness.report.draw import need_libraries, png
    from pyharness.report.html import page
    from pyharness.report.load import load

    need_libraries()
    if output is None and png_folder is None:
        output = "report.html"
    file = None if output in (None, "-") else check_output(Path(str(output)), "-o")
    made = build(load(runs or ("@last",), root), version())
    html = page(made).encode() if output is not None else b""
    if png_folder is not None:
        folder = _folder(Path(png_folder))
        for chart in made.charts:
            write_atomically(folder / f"{chart.slug}.png", png(chart))
        note(f"wrote {len(made.charts)} pictures to {folder}")
    if file is not None:
        write_atomically(file, html)
        note(f"wrote {file}, {len(html) / 1024:.0f} KiB, {len(made.charts)} figures")
    elif output == "-":
        write(html)
    return 0
