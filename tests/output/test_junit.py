"""JUnit XML: readable by a parser whatever the text, with the right counts."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured import bench_object, measurement

from pyharness.errors import OutputError, UsageError
from pyharness.output.atomic import check_output, write_atomically
from pyharness.output.junit import clean, document

ROW = {
    "scenario": "specref", "claim": "T1", "regime": "linux-6.15", "parameters": {"readers": 1},
    "verdict": "unreached", "expected": "holds", "as_expected": True, "seconds": 0.5,
    "message": "nothing forbidden", "seed": 3, "witness": None,
    "outcomes": [{"outcome": "used", "grade": "ok", "count": 1234, "about": "it was used"}],
}  # fmt: skip
BAD = {
    **ROW, "scenario": "mine", "verdict": "violated", "as_expected": False,
    "message": "stale: <it> & was \x1b[31mfreed\x00",
    "outcomes": [{"outcome": "stale", "grade": "forbidden", "count": 5, "about": "]]> \ud800"}],
}  # fmt: skip
SKIPPED = {"scenario": "tlb", "reason": "only the model can decide it"}


def parse(**data):
    return ET.fromstring(document({"command": "hunt", "host": {"cpu": "x"}, **data}, 0.0))


def check_schema(root):
    """What the schemas of Jenkins' and GitLab's readers have in common."""
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert {"name", "tests", "failures", "errors", "skipped", "time"} <= set(suite.attrib)
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
        for attribute, kind in kinds.items():
            assert int(suite.get(attribute)) == sum(c.find(kind) is not None for c in cases)
        assert float(suite.get("time")) == pytest.approx(sum(float(c.get("time")) for c in cases))
        assert [e.tag for e in suite] == ["properties"] + ["testcase"] * len(cases)
        for case in cases:
            assert {"name", "classname", "time"} == set(case.attrib)
            assert len(case) <= 1
            assert {e.tag for e in case} <= {"failure", "error", "skipped", "system-out"}


def test_rows_are_cases_and_what_was_not_expected_fails():
    fell = {**SKIPPED, "reason": "a worker fell", "exit_code": 5}
    lacking = {**SKIPPED, "reason": "no memory", "exit_code": 3}
    root = parse(results=[ROW, BAD], skipped=[SKIPPED], failures=[fell, lacking])
    check_schema(root)
    suite = root.find("testsuite")
    assert [suite.get(k) for k in ("tests", "failures", "errors", "skipped")] == list("5112")
    good, bad, *_ = suite.findall("testcase")
    assert good.get("name") == "T1: specref [linux-6.15, readers=1]"
    assert "used: 1,234 (ok) it was used" in good.find("system-out").text
    failure = bad.find("failure")
    assert "expected holds, found violated: stale: <it> & was \\x1b[31mfreed" in failure.get(
        "message"
    )
    assert "]]> \\ud800" in failure.text
    assert "seed: 3" in failure.text


def test_a_violation_without_an_expectation_fails():
    row = {**BAD, "expected": None, "as_expected": None, "witness": "vm1:abc"}
    (case,) = parse(command="verify", results=[row]).iter("testcase")
    assert "vmemstress replay vm1:abc" in case.find("failure").text


def test_a_void_measurement_fails_and_another_passes():
    data = bench_object(measurement([5.0]), measurement([5.0], validity="void", name="xadd"))
    data["failures"] = [{"benchmark": "remap/x, 2 thr", "reason": "no uffd", "exit_code": 3}]
    root = ET.fromstring(document(data, 0.0))
    check_schema(root)
    good, void, lacking = root.iter("testcase")
    assert good.get("classname") == "vmemstress.bench.atomics"
    assert good.find("failure") is None
    assert void.find("failure") is not None
    assert lacking.get("name") == "remap/x, 2 thr"
    assert lacking.find("skipped") is not None


def test_an_interrupted_run_says_so():
    root = parse(results=[ROW], interrupted=True)
    check_schema(root)
    assert [c.get("name") for c in root.iter("testcase")][-1] == "interrupted"


@given(st.text(), st.text())
def test_any_text_is_well_formed(name, message):
    row = {**BAD, "scenario": name, "message": message}
    row["outcomes"] = [{**BAD["outcomes"][0], "about": message}]
    root = parse(results=[row], skipped=[{"scenario": message, "reason": name}])
    check_schema(root)


@given(st.text())
def test_clean_text_passes_through_a_parser_unchanged(text):
    element = ET.Element("x")
    element.text = clean(text)
    back = ET.fromstring(ET.tostring(element)).text or ""
    assert back == clean(text).replace("\r\n", "\n").replace("\r", "\n")


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "out.xml"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["out.xml"]
    write_atomically(check_output(type(path)("/dev/null"), "--junit"), b"gone")
    with pytest.raises(OutputError, match="No space left"):
        write_atomically(type(path)("/dev/full"), b"x")


def test_a_place_that_cannot_be_is_refused_before(tmp_path):
    with pytest.raises(UsageError, match="is a folder"):
        check_output(tmp_path, "--junit")
    with pytest.raises(UsageError, match="there is no folder"):
        check_output(tmp_path / "no" / "x.xml", "--junit")
