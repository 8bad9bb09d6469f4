"""From a token back to its witness: the one run that it holds is made again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pyharness.catalogue import user_files as plugin
from pyharness.catalogue.plan import Request, Row, make_plan
from pyharness.errors import UsageError, quote
from pyharness.output.interrupt import Interrupt
from pyharness.verify.options import Options
from pyharness.verify.results import VerifyResult
from pyharness.verify.run import verify_row
from pyharness.verify.token import TokenOf, parse_token


def _request(named: TokenOf, file: Path | None) -> Request:
    """What the token's run is made from; a scenario of the user's needs its file."""
    if not named.source:
        if file is not None:
            raise UsageError(f"replay: the token is of a shipped scenario; leave {file} out")
        return named.request
    (name,) = named.request.names
    if file is None:
        raise UsageError(
            f"token: its scenario is in a file of yours; give it too: replay TOKEN {name}"
        )
    digest = plugin.source_digest(file)
    if digest != named.source:
        raise UsageError(
            f"token: {file} has changed since this token was made "
            f"(digest {named.source}, now {digest}); verify it again"
        )
    return dataclasses.replace(named.request, names=(str(file),))


def _run(row: Row, named: TokenOf) -> VerifyResult:
    changed = f"token: {row.scenario.name} has changed since this token was made"
    with Interrupt() as interrupt:
        try:
            options = Options(models=(named.model,))
            result = verify_row(row, named.model, options, interrupt, None, named.script)
        except UsageError as exc:
            raise UsageError(f"{changed}: {exc}; verify it again") from None
    for found in result.found:
        if (found.kind, found.hazard, found.outcome) != (
            *(named.kind, named.hazard, named.outcome),
        ):
            continue
        if found.digest == named.digest:
            return result
        raise UsageError(
            f"{changed} (digest {named.digest:016x}, now {found.digest:016x}); verify it again"
        )
    raise UsageError(f"{changed}: the run no longer shows {quote(named.kind)}; verify it again")


def replay_token(text: str, file: str | Path | None = None) -> VerifyResult:
    """The result of the token's run, with its violation as the witness.

    `file` is the scenario's C file where the token is of one. UsageError on a mismatch.
    """
    named = parse_token(text)
    plan = make_plan(_request(named, None if file is None else Path(file)))
    row = (*plan.rows, *plan.skipped)[0]
    result = _run(row, named)
    assert result.witness is not None
    return dataclasses.replace(result, witness=dataclasses.replace(result.witness, token=text))
