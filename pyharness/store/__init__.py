"""The run store: every run of hunt, verify and bench, kept so that it can be read again.

A run is a folder `runs/ID` with `run.json`, the verb's JSON object plus a key `run`
(`Meta`: id, command line, start, end, exit code, name), and `summary.json`, its line in a
listing (`RunInfo`). Where a summary is missing or damaged the line is made from the run.

>>> from pyharness import store
>>> run = store.resolve("@last", verbs=("bench",))
>>> run.data["results"][0]["metrics"]["ns_per_op"], run.meta.command_line

For writers: `Recorder(verb, ...)` before the run, `recorder.keep(object)` after it.
"""

from __future__ import annotations

from pyharness.store.recorder import Recorder
from pyharness.store.resolve import resolve
from pyharness.store.runs import Meta, RunInfo, StoredRun
from pyharness.store.store import Store, default_root

__all__ = ["Meta", "Recorder", "RunInfo", "Store", "StoredRun", "default_root", "resolve"]
