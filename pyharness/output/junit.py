"""JUnit XML of a run, for CI servers: one test suite, one test case a row.

It is made from the verb's JSON object, so a stored run gives the same file. A row
that is not as expected is a failure, one that could not be run to its end an error,
one that hardware cannot decide is skipped. The format is the one that Jenkins and
GitLab read: <testsuites><testsuite tests failures errors skipped time timestamp>.
"""

from __future__ import annotations

import datetime
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# What XML 1.0 cannot hold, not even escaped (production 2, Char).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Case:
    """One test case. `kind` is `failure`, `error`, `skipped` or None: passed."""

    name: str
    classname: str
    seconds: float
    kind: str | None = None
    message: str = ""
    text: str = ""


def clean(text: str) -> str:
    """`text` with every character that XML cannot hold written as an escape."""
    return _NOT_XML.sub(lambda m: m[0].encode("unicode_escape", "surrogatepass").decode(), text)


def _settings(row: Mapping[str, Any]) -> str:
    parts = [str(row["regime"])] if row.get("regime") else []
    parts += [f"{k}={v}" for k, v in {**row.get("parameters", {})}.items()]
    parts += [f"{k}={v}" for k, v in {**row.get("settings", {})}.items()]
    if "threads" in row and "group" in row:
        parts += [f"{row['threads']} threads", str(row.get("variant", ""))]
    parts += [str(row["model"])] if row.get("model") else []
    return ", ".join(p for p in parts if p)


def _name(row: Mapping[str, Any]) -> str:
    keys = ("name", "case", "scenario", "benchmark")
    name = next((str(row[k]) for k in keys if row.get(k)), "?")
    claim = f"{row['claim']}: " if row.get("claim") else ""
    settings = _settings(row)
    return f"{claim}{name} [{settings}]" if settings else f"{claim}{name}"


def _class(verb: str, row: Mapping[str, Any], suite: str | None) -> str:
    return ".".join(str(p) for p in ("vmemstress", verb, row.get("group") or suite) if p)


def _story(row: Mapping[str, Any]) -> str:
    """What was seen, line by line, and how to see it again."""
    lines = [
        f"{o['outcome']}: {o['count']:,} ({o['grade']}) {o['about']}"
        for o in row.get("outcomes", [])
    ]
    lines += [
        f"fault: {f['kind']}, {f['count']:,} times, by {f['actor']} at {f['file']}:{f['line']}"
        for f in row.get("faults", [])
    ]
    if row.get("witness"):
        from pyharness.output.commands import replay_command

        lines.append(f"replay: {replay_command(row['scenario'], row['witness'])}")
    if row.get("seed") is not None:
        lines.append(f"seed: {row['seed']}")
    return "\n".join(lines)


def _unexpected(row: Mapping[str, Any]) -> bool:
    """A violation that nobody expected fails even where nothing was expected."""
    if row.get("as_expected") is False:
        return True
    return row.get("verdict") == "violated" and row.get("expected") is None


def _raced(verb: str, row: Mapping[str, Any], suite: str | None) -> Case:
    kind = message = None
    if _unexpected(row):
        kind = "failure"
        expected = row.get("expected") or "nothing"
        message = f"expected {expected}, found {row.get('verdict')}: {row.get('message')}"
    seconds = float(row.get("seconds") or 0)
    text = _story(row)
    return Case(_name(row), _class(verb, row, suite), seconds, kind, message or "", text)


def _measured(row: Mapping[str, Any]) -> Case:
    void = row.get("validity") == "void"
    seconds = sum(float(r.get("seconds") or 0) for r in row.get("repetitions", []))
    metrics = [f"{name}: {value:.6g}" for name, value in row.get("metrics", {}).items()]
    text = "\n".join([f"validity: {row.get('validity')} {row.get('reason') or ''}", *metrics])
    message = f"void: {row.get('reason')}" if void else ""
    kind = "failure" if void else None
    return Case(_name(row), _class("bench", row, None), seconds, kind, message, text)


def cases(data: Mapping[str, Any]) -> Iterator[Case]:
    """The test cases of a verb's JSON object, in its order."""
    verb, suite = str(data.get("command")), data.get("suite")
    for row in data.get("results", []):
        yield _measured(row) if verb == "bench" else _raced(verb, row, suite)
    for row in data.get("skipped", []):
        yield Case(_name(row), _class(verb, row, suite), 0, "skipped", str(row.get("reason", "")))
    for row in data.get("failures", []):
        kind = "skipped" if row.get("exit_code") == 3 else "error"
        reason = str(row.get("reason", ""))
        yield Case(_name(row), _class(verb, row, suite), 0, kind, reason, reason)
    if data.get("interrupted"):
        yield Case("interrupted", _class(verb, {}, suite), 0, "skipped", "the rest was not run")


def _seconds(value: float) -> str:
    return f"{value:.6f}"


def _element(parent: ET.Element, case: Case) -> None:
    found = ET.SubElement(
        parent,
        "testcase",
        name=clean(case.name),
        classname=clean(case.classname),
        time=_seconds(case.seconds),
    )
    if case.kind == "skipped":
        ET.SubElement(found, "skipped", message=clean(case.message))
    elif case.kind is not None:
        child = ET.SubElement(found, case.kind, message=clean(case.message), type=case.kind)
        child.text = clean(case.text)
    elif case.text:
        ET.SubElement(found, "system-out").text = clean(case.text)


def document(data: Mapping[str, Any], started: float) -> bytes:
    """The XML file of a run that began `started` seconds after 1970."""
    rows = list(cases(data))
    counts = {kind: sum(c.kind == kind for c in rows) for kind in ("failure", "error", "skipped")}
    total = {
        "tests": str(len(rows)),
        "failures": str(counts["failure"]),
        "errors": str(counts["error"]),
        "skipped": str(counts["skipped"]),
        "time": _seconds(sum(c.seconds for c in rows)),
    }
    root = ET.Element("testsuites", total)
    stamp = datetime.datetime.fromtimestamp(started, datetime.UTC).replace(tzinfo=None)
    host = data.get("host", {})
    suite = ET.SubElement(
        root,
        "testsuite",
        {
            "name": clean(f"vmemstress {data.get('command')}"),
            **total,
            "timestamp": stamp.isoformat(timespec="seconds"),
        },
    )
    properties = ET.SubElement(suite, "properties")
    facts = {"version": data.get("version"), "seed": data.get("seed"), **host}
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=clean(str(name)), value=clean(str(value)))
    for case in rows:
        _element(suite, case)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
