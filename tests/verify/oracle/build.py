"""The C side of the search (oracle_serve.c), compiled in a few seconds."""

from __future__ import annotations

import subprocess
from pathlib import Path

from programs import _search

from pyharness.catalogue.user_files import compiler

LITMUS = Path(__file__).resolve().parents[1]
ROOT = LITMUS.parents[1]


def build(folder: Path) -> Path:
    """The program that answers."""
    csrc = ROOT / "csrc"
    words = [*compiler(), "-O1", "-std=gnu11", "-D_GNU_SOURCE", "-DKAPI_BUILD=model", "-pthread"]
    words += [f"-I{csrc}", f"-I{csrc / 'model'}"]
    target = folder / "oracle_serve"
    # programs.py knows what the search is linked from
    sources = [str(LITMUS / "oracle_serve.c"), *_search(folder, words)]
    subprocess.run([*words, "-o", str(target), *sources], check=True)
    return target
