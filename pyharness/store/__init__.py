"""The run store: every run of hunt, verify and bench, kept so that it can be read again.

A run is a folder `runs/ID` with `run.json`, the verb's JSON object plus a key `run`
(`Meta`: id, command line, start, end, exit code, name), and `arrays.npz`, the same
figures as numpy arrays (`arrays.py` has the names). The folders are the truth; the
SQLite index beside them only makes listing fast and is mended whenever it differs.

>>> from pyharness import store
>>> run = store.resolve("@last", verbs=("bench",))
>>> run.data["results"][0]["metrics"]["ns_per_op"], run.meta.command_line
>>> run.arrays()["results/0/ns_per_op"]

For writers: `Recorder(verb, ...)` before the run, `recorder.keep(object)` after it.
"""

from __future__ import annotations

from pyharness.store.recorder import Recorder
from pyharness.store.resolve import resolve
from pyharness.store.runs import Meta, RunInfo, StoredRun
from pyharness.store.store import Store, default_root

__all__ = ["Meta", "Recorder", "RunInfo", "Store", "StoredRun", "default_root", "resolve"]
