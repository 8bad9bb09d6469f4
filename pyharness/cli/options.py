"""What the values of options have in common: how they are parsed, and named when they cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from pyharness.errors import UsageError

if TYPE_CHECKING:
    from pyharness.catalogue.plan import Request

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


def request_of(given: Mapping[str, Any]) -> Request:
    """What the user asked for by names, --suite, --regime, -P and --knob."""
    from pyharness.catalogue.plan import Request

    return Request(
        names=given["names"],
        suite=given["suite"],
        regime=given["regime"],
        parameters=assignments(given["parameters"], "-P"),
        knobs=assignments(given["knobs"], "--knob"),
    )
