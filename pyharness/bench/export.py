"""A report of `bench` for machines: the JSON object, and a flat table as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec

from pyharness.bench.results import BenchReport
from pyharness.bench.run import exit_code
from pyharness.output import json as jsonout

_FIXED = (
    *("group", "name", "threads", "variant", "regime", "settings", "operation"),
    *("validity", "reason", "ratio", "instruction"),
)


def report_object(report: BenchReport) -> dict[str, Any]:
    """The object of `bench --json`."""
    fields: dict[str, Any] = msgspec.to_builtins(report)
    return {**jsonout.header("bench"), **fields, "exit_code": int(exit_code(report))}


def to_csv(report: BenchReport) -> str:
    """A line a measurement; settings as `name=value` words, then every metric there is."""
    metrics = list(dict.fromkeys(name for m in report.results for name in m.metrics))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*_FIXED, *metrics])
    for m in report.results:
        row = {
            **{name: getattr(m, name) for name in _FIXED if name != "settings"},
            "settings": " ".join(f"{k}={v}" for k, v in m.settings.items()),
        }
        cells = [row[name] for name in _FIXED] + [m.metrics.get(name) for name in metrics]
        writer.writerow(["" if cell is None else cell for cell in cells])
    return stream.getvalue()
