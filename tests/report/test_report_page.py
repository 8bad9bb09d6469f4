"""The page: what is in it for which runs, that nothing gets out, and that nothing gets in."""

import re
from html.parser import HTMLParser

import msgspec
import pytest
import sample

from pyharness.errors import UsageError
from pyharness.report.build import build
from pyharness.report.html import page
from pyharness.report.load import parse

pytestmark = pytest.mark.slow

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>&lt;\x1b[31m\u202e'
HUNT = {
    "tool": "vmemstress", "version": "1", "command": "hunt", "host": sample.HOST, "seed": 7,
    "budget": 5.0, "suite": None,
    "results": [
        {
            "scenario": "fake-head-get", "regime": "linux-5.18", "parameters": {"gigantic": 0},
            "verdict": "violated", "expected": "violated", "as_expected": True, "samples": 1000,
            "message": "H1: a write to a read-only alias", "seconds": 5.0, "threads": 2,
            "validity": {"verdict": "contaminated", "reason": "busy", "cpu_share": 0.9},
            "outcomes": [
                {"outcome": "H1", "grade": "forbidden", "hazard": "H1", "count": 12, "about": "w"},
                {"outcome": "ok", "grade": "ok", "hazard": None, "count": 988, "about": "fine"},
            ],
            "faults": [
                {
                    "kind": "write to read-only", "actor": "reader", "file": "page_ref.h",
                    "line": 57, "operation": "atomic_add_unless(&page->_refcount, 1, 0)",
                    "count": 12, "hazard": "H1", "page": 448,
                }
            ],
        }
    ],
}
VERIFY = {
    "tool": "vmemstress", "version": "1", "command": "verify", "host": sample.HOST,
    "suite": None,
    "results": [
        {
            "scenario": "specref", "model": model, "verdict": verdict, "executions": 644,
            "expected": "holds", "as_expected": verdict == "holds", "outcomes": [],
            "message": "m", "seconds": 0.01, "hazards": hazards,
        }
        for model, verdict, hazards in (("sc", "holds", []), ("arm64", "violated", ["H6"]))
    ],
}
REPLAY = {
    "tool": "vmemstress", "version": "1", "command": "replay", "title": "specref, sc",
    "message": "H1: a stale load", "token": "vms2:abc", "model": "sc",
    "lines": [
        {"cpu": 0, "actor": "owner", "operation": "WRITE_ONCE(a, 1)", "file": "a.c", "line": 3},
        {"cpu": 2, "actor": "reader", "operation": "READ_ONCE(a)", "mark": "stale value",
         "file": "a.c", "line": 9, "effect": "a = 0", "entry": "pte 7 = frame 8 rw"},
    ],
}


class Page(HTMLParser):
    """Tags, ids, text and the addresses of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.words = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src", "xlink:href", "action", "srcset", "data"):
                self.links.append(value)

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def sections(self):
        return [a["id"] for tag, a in self.tags if tag == "section"]


def encoded(document):
    return msgspec.json.encode(document)


def made(*documents):
    runs = [parse(d if isinstance(d, bytes) else encoded(d), f"run{i}.json")
            for i, d in enumerate(documents)]
    report = build(runs, "1.2.3")
    return report, page(report)


def test_sections_are_those_of_the_runs_given():
    cases = {
        "hunt": (HUNT, ["runs", "hunt", "environment"]),
        "verify": (VERIFY, ["runs", "verify", "environment"]),
        "replay": (REPLAY, ["runs", "witnesses"]),
        "bench": (
            sample.bench_json(),
            ["runs", "contention", "remap", "sweeps", "percentiles", "core-to-core", "figures",
             "environment"],
        ),
    }
    for name, (document, expected) in cases.items():
        _, text = made(document)
        assert Page(text).sections() == expected, name


def test_everything_together_is_one_whole_page():
    report, text = made(sample.bench_json(), HUNT, VERIFY, REPLAY)
    found = Page(text)
    assert len(found.ids) == len(set(found.ids))
    assert all(link in ("data:,",) or link.startswith("#") for link in found.links), found.links
    assert all(link[1:] in found.ids for link in found.links if link.startswith("#"))
    assert not re.search(r"url\((?!#)", text)
    assert "@import" not in text
    tags = [tag for tag, _ in found.tags]
    assert not {"script", "img", "iframe", "object", "embed", "base"} & set(tags)
    policy = next(a["content"] for t, a in found.tags if a.get("http-equiv"))
    assert "default-src 'none'" in policy
    assert tags.count("caption") == tags.count("table")
    assert tags.count("figure") == len(report.charts)
    drawings = [a for t, a in found.tags if t == "svg" and a.get("class") == "chart"]
    assert len(drawings) == len(report.charts)
    assert all(a["role"] == "img" and a["aria-labelledby"] for a in drawings)
    assert [int(t[1]) for t in tags if re.fullmatch("h[1-6]", t)][:2] == [1, 2]


def test_validity_stands_beside_the_figures():
    _, text = made(sample.bench_json(), HUNT)
    words = Page(text).text
    assert "the threads got 71.3 % of their CPUs" in words
    assert "this kernel has no UFFDIO_MOVE" in words
    assert "Validity: busy" in words
    assert "51 valid" in words


def test_a_void_measurement_is_named_and_draws_nothing():
    void = sample.measurement("atomics", "xadd", 5.0, validity="void")
    _, text = made(sample.bench_json(results=msgspec.to_builtins([void])))
    found = Page(text)
    assert found.sections() == ["runs", "figures", "environment"]
    assert "void" in found.text


def test_commands_are_the_exact_ones_or_said_to_be_rebuilt():
    _, text = made(sample.bench_json(), HUNT)
    words = Page(text).text
    assert "vmemstress bench atomics remap --threads 1,2,4" in words
    assert "vmemstress hunt fake-head-get --regime linux-5.18 -P gigantic=0 --budget 5s" in words
    assert words.count("does not say how it was made") == 1
    stored = {**HUNT, "run": {"command_line": ["vmemstress", "hunt", "a b"], "started": 0.0}}
    _, text = made(stored)
    assert "vmemstress hunt &#39;a b&#39;" in text
    assert "does not say how" not in text


def test_a_verdict_that_differs_says_what_was_expected():
    _, text = made(VERIFY)
    assert "violated H6 (expected holds)" in Page(text).text


def test_a_witness_has_a_column_for_each_cpu():
    _, text = made(REPLAY)
    words = Page(text).text
    for part in ("CPU 0 owner", "CPU 2 reader", "READ_ONCE(a)", "a.c:9", "through pte 7",
                 "stale value", "vmemstress replay vms2:abc"):
        assert part in words


def test_runs_of_unlike_hosts_are_said_to_be_so():
    other = {**HUNT, "host": {**sample.HOST, "cpu": "Neoverse"}}
    _, text = made(HUNT, other)
    assert "different hosts" in Page(text).text
    _, text = made(HUNT, HUNT)
    assert "different hosts" not in Page(text).text


def hostile(value):
    """The same document with hostile text in every string and key that is free text."""
    if isinstance(value, dict):
        kept = {"tool", "command", "validity", "verdict", "grade", "group", "witness"}
        return {
            k: v if k in kept and isinstance(v, str) else hostile(v) for k, v in value.items()
        }
    if isinstance(value, list):
        return [hostile(v) for v in value]
    return value + HOSTILE if isinstance(value, str) else value


@pytest.mark.parametrize("document", [HUNT, VERIFY, REPLAY, "bench"])
def test_hostile_text_stays_text(document):
    clean = msgspec.json.decode(sample.bench_json()) if document == "bench" else document
    run = parse(encoded(hostile(clean)), "run" + HOSTILE)
    text = page(build([run], "1" + HOSTILE))
    plain = page(build([parse(encoded(clean), "run")], "1"))
    found, expected = Page(text), Page(plain)
    assert {t for t, _ in found.tags} <= {t for t, _ in expected.tags}
    assert not any(name.startswith("on") for _, a in found.tags for name in a)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(found.ids) == len(set(found.ids))


BAD = [
    (b"", ["x.json"]),
    (b"[1, 2]", ["x.json", "object"]),
    (b'{"tool": "vmemstress", "command": "bench"', ["x.json"]),
    (b'{"tool": "other", "command": "bench"}', ["x.json: tool", "other"]),
    (b'{"tool": "vmemstress", "command": "list"}', ["command", "list", "hunt, verify, bench"]),
    (b'{"tool": "vmemstress", "command": "hunt"}', ["results"]),
    (sample.bench_json(seconds="long"), ["x.json: seconds:", "expected float, got str"]),
    (encoded({**HUNT, "results": [{"scenario": 3}]}), ["results[0].scenario", "got int"]),
    (b'{"tool": "vmemstress\xff", "command": "bench"}', ["x.json"]),
    (b"[" * 200_000, ["x.json"]),
]


@pytest.mark.parametrize(("data", "parts"), BAD, ids=range(len(BAD)))
def test_bad_json_is_refused_with_file_and_path(data, parts):
    with pytest.raises(UsageError) as caught:
        parse(data, "x.json")
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message
