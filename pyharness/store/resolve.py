"""From what the user wrote to a run: `@last`, `@last~2`, `@NAME`, an ID's beginning, a path."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pyharness.errors import UsageError, nearest, quote
from pyharness.store.folder import Damaged, read_file, read_run
from pyharness.store.runs import RunInfo, StoredRun
from pyharness.store.store import Store

_LAST = re.compile(r"@last(?:~(\d{1,9}))?", re.ASCII)


def resolve(text: str, *, root: str | Path | None = None, verbs: Iterable[str] = ()) -> StoredRun:
    """The run that `text` names, in the store at `root` (None: the default one).

    `@last` is the newest run, `@last~2` the second before it, `@NAME` the newest that
    was saved under that name; `verbs` restricts these three. Else a path of a JSON file
    or of a run's folder, or the beginning of an ID that no other run has. UsageError
    with the nearest names when there is no such run, or it cannot be read.
    """
    try:
        if is_path(text):
            return _from_path(Path(text))
        store = Store(root)
        return store.read(find_id(text, store, tuple(verbs)))
    except Damaged as error:
        raise UsageError(str(error)) from None


def find_id(text: str, store: Store, verbs: Sequence[str] = ()) -> str:
    """The ID of the run that `text` names, as `resolve()` does but for paths."""
    if text.startswith("@"):
        return _at(text, store.runs(verbs)[0], verbs)
    return _prefix(text, store)


def is_path(text: str) -> bool:
    """Whether the text means a file or folder rather than a run of the store."""
    return os.sep in text or text.endswith(".json") or (bool(text) and text in (".", ".."))


def _from_path(path: Path) -> StoredRun:
    if path.is_dir():
        return read_run(path)
    if not path.exists():
        beside = []
        if path.parent.is_dir():
            beside = [p.name for p in path.parent.glob("*.json")]
        hint = f"; {nearest(path.name, beside)}" if beside else ""
        raise UsageError(f"cannot read {quote(path)}: no such file{hint}")
    return read_file(path)


def _at(text: str, runs: Sequence[RunInfo], verbs: Sequence[str]) -> str:
    kind = f"{' or '.join(verbs)} run" if verbs else "run"
    last = _LAST.fullmatch(text)
    if last:
        back = int(last[1] or 0)
        if back >= len(runs):
            have = f"the store holds {len(runs)}" if runs else "the store holds none"
            raise UsageError(f"there is no {kind} {quote(text)}: {have}")
        return runs[back].id
    for info in runs:
        if info.name == text[1:]:
            return info.id
    valid = {f"@{info.name}" for info in runs if info.name} | ({"@last"} if runs else set())
    raise UsageError(f"there is no {kind} saved as {quote(text)}; {nearest(text, valid)}")


def _prefix(text: str, store: Store) -> str:
    found = sorted(each for each in store.ids() if text and each.startswith(text))
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(found[:4]) + (", ..." if len(found) > 4 else "")
        raise UsageError(f"{quote(text)} begins {len(found)} runs: {shown}")
    runs, _ = store.runs()
    valid = {info.id for info in runs[:50]} | {f"@{info.name}" for info in runs if info.name}
    raise UsageError(f"there is no run {quote(text)}; {nearest(text, valid, limit=4)}")
