"""From a token back to its witness: the search is deterministic, so it is made again."""

from __future__ import annotations

import dataclasses

from pyharness.errors import UsageError
from pyharness.interrupt import Interrupt
from pyharness.plan import make_plan
from pyharness.verify import Options, VerifyResult, _searches, _witness, verify_row
from pyharness.verify_token import parse_token


def replay_token(text: str) -> VerifyResult:
    """The result with the token's violation as its witness; UsageError on a mismatch."""
    named = parse_token(text)
    plan = make_plan(named.request)
    row = (*plan.rows, *plan.skipped)[0]
    options = Options(models=(named.model,))
    with Interrupt() as interrupt:
        result = verify_row(row, named.model, options, interrupt)
    for found in result.found:
        same = (found.kind, found.hazard, found.outcome) == (
            *(named.kind, named.hazard, named.outcome),
        )
        if not same:
            continue
        if found.digest != named.digest:
            raise UsageError(
                f"token: {row.scenario.name} has changed since this token was made "
                f"(digest {named.digest:016x}, now {found.digest:016x}); verify it again"
            )
        (search,) = _searches(row, named.model, options)
        with search:
            search.run()
            again = search.found()[found.index]
            return dataclasses.replace(result, witness=_witness(row, named.model, search, again))
    raise UsageError(
        f"token: {row.scenario.name} under {named.model} no longer shows this violation: "
        "the source or the regime has changed; verify it again"
    )
