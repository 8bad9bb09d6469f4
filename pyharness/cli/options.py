"""What the values of options have in common: how they are parsed, and named when they cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from pyharness.errors import UsageError

color_option = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto"
)


def parsed(parse: Callable[[str], Any]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """A click callback that parses text and names the option when it cannot."""

    def callback(_ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        try:
            return parse(value) if isinstance(value, str) else value
        except UsageError as error:
            raise UsageError(f"{param.opts[0]}: {error}") from None

    return callback


def assignments(values: tuple[str, ...], option: str) -> dict[str, object]:
    """`-P NAME=VALUE` and the like, as often as they were given."""
    from pyharness._lib.scenario import parse_assignment

    return dict(parse_assignment(text, option) for text in values)
