"""Commands that the output offers to the reader, ready to be pasted into a shell."""

from __future__ import annotations

import shlex

from pyharness.catalogue.find import is_file_name


def replay_command(name: str, token: str) -> str:
    """The command that replays the token of the scenario `name`, which may be a user's file."""
    words = ["vmemstress", "replay", token]
    return shlex.join([*words, name] if is_file_name(name) else words)
