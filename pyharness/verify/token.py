"""Tokens: one line that names a run of the model and the violation that it showed."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pyharness.catalogue.find import is_file_name
from pyharness.catalogue.plan import Request, Row
from pyharness.catalogue.regime import DEFAULT_REGIME, Regime, differing, regimes
from pyharness.catalogue.user_files import source_digest
from pyharness.errors import UsageError, quote
from pyharness.output.json import version

if TYPE_CHECKING:
    from pyharness._lib.model_types import Found

_PREFIX = "vms3"


class _Token(msgspec.Struct, array_like=True):
    scenario: str
    regime: str | None
    knobs: dict[str, bool | str]
    parameters: dict[str, int]
    model: str
    kind: str
    hazard: str | None
    outcome: int
    digest: int
    version: str
    source: str
    script: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TokenOf:
    """What a token names: the run, and the violation in it."""

    request: Request
    model: str
    kind: str
    hazard: str | None
    outcome: int
    digest: int
    source: str  # of a user's file: the digest of its text
    script: tuple[int, ...]


def _shipped(regime: Regime) -> Regime:
    """The regime, or where it is a file of the user's the one whose knobs it is told by.

    A token names no file of a regime: it may be gone, or be called like a shipped one.
    """
    return regime if regimes().get(regime.name) is regime else regimes()[DEFAULT_REGIME]


def make_token(row: Row, model: str, found: Found, script: tuple[int, ...]) -> str:
    """The token of one violation: the run's numbers, and a digest of its source lines."""
    own = is_file_name(row.name)
    regime = _shipped(row.regime) if row.regime else None
    token = _Token(
        Path(row.name).name if own else row.scenario.name,
        regime.name if regime else None,
        dict(differing(row.knobs, regime)) if regime else {},
        dict(row.parameters),
        model,
        found.kind,
        found.hazard,
        found.outcome,
        found.digest,
        version(),
        source_digest(Path(row.name)) if own else "",
        script,
    )
    packed = zlib.compress(msgspec.msgpack.encode(token), 9)
    return f"{_PREFIX}:{_written(packed)}"


def _written(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def parse_token(text: str) -> TokenOf:
    """The run that a token names; UsageError when it is none, or of another version."""
    prefix, _, body = text.strip().partition(":")
    if prefix != _PREFIX:
        raise UsageError(
            f"token {quote(text, 24)} is of another version; this one reads {_PREFIX}:..."
        )
    try:
        packed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        stream = zlib.decompressobj()
        plain = stream.decompress(packed)
        # Both decoders pass over what does not belong there.
        if _written(packed) != body or not stream.eof or stream.unused_data:
            raise ValueError
        token = msgspec.msgpack.decode(plain, type=_Token)
    except (ValueError, zlib.error, msgspec.MsgspecError):
        raise UsageError(f"token {quote(text, 24)} is damaged: copy the whole line") from None
    if token.version != version():
        raise UsageError(
            f"token: made by version {quote(token.version, 24)} and this is {version()}; "
            f"verify {quote(token.scenario)} again"
        )
    request = Request(
        names=(token.scenario,),
        regime=token.regime,
        parameters=dict(token.parameters),
        knobs=dict(token.knobs),
    )
    return TokenOf(
        request,
        *(token.model, token.kind, token.hazard, token.outcome, token.digest),
        *(token.source, token.script),
    )
