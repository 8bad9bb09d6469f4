"""The figures of a run as numpy arrays, named by their place in the JSON.

bench, for result i:
  results/i/seconds, operations, ns_per_op, cpu_ns_per_op,
  results/i/handoff_before_ns, handoff_after_ns,
  results/i/yardstick_ns                          one entry a repetition (nan: no probe)
  results/i/valid                                 uint8, 1 where the repetition is valid
  results/i/metrics/NAME                          one entry a repetition (nan: not there)
  results/i/histograms/NAME/floors_ns, counts     uint64, buckets that are not empty
hunt and verify:
  results/i/counts                                uint64, in the order of `outcomes`
  seconds, executions                             one entry a result
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[np.generic]]
_REPETITION = (
    *("seconds", "operations", "ns_per_op", "cpu_ns_per_op"),
    *("handoff_before_ns", "handoff_after_ns", "yardstick_ns"),
)


def _floats(values: Sequence[Any]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def _counts(values: Sequence[Any]) -> npt.NDArray[np.uint64]:
    return np.array([int(v) for v in values], dtype=np.uint64)


def _measurement(result: Mapping[str, Any]) -> Arrays:
    repetitions = result.get("repetitions", [])
    found: Arrays = {key: _floats([r.get(key) for r in repetitions]) for key in _REPETITION}
    found["valid"] = np.array([r.get("validity") == "valid" for r in repetitions], dtype=np.uint8)
    names = sorted({name for r in repetitions for name in r.get("metrics", {})})
    for name in names:
        found[f"metrics/{name}"] = _floats([r.get("metrics", {}).get(name) for r in repetitions])
    for name, histogram in result.get("histograms", {}).items():
        found[f"histograms/{name}/floors_ns"] = _counts(histogram["floors_ns"])
        found[f"histograms/{name}/counts"] = _counts(histogram["counts"])
    return found


def arrays_of(data: Mapping[str, Any]) -> Arrays:
    """The arrays of a verb's JSON object; empty for a verb that has no figures."""
    results = data.get("results", [])
    found: Arrays = {}
    for i, result in enumerate(results):
        if data.get("command") == "bench":
            part = _measurement(result)
        else:
            part = {"counts": _counts([o["count"] for o in result.get("outcomes", [])])}
        found |= {f"results/{i}/{key}": value for key, value in part.items()}
    if data.get("command") != "bench":
        found["seconds"] = _floats([r.get("seconds") for r in results])
        found["executions"] = _counts([r.get("executions", 0) for r in results])
    return found


def pack_arrays(arrays: Arrays) -> bytes:
    """The contents of an .npz file."""
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def load_arrays(path: Path) -> Arrays | None:
    """The arrays of an .npz file; None when it is absent or damaged."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
