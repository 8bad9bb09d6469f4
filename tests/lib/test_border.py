"""The border to C: the stub says what the header says, and arrays are what they seem."""

import re
from pathlib import Path

import numpy as np
import pytest

import pyharness
from pyharness import _lib
from pyharness._core import ffi, lib
from pyharness.catalogue import user_files as plugin

STUB = Path(pyharness.__file__).parent / "_core.pyi"


def header():
    text = (plugin.include_dir() / "api.cdef.h").read_text()
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def test_the_stub_names_every_function_and_constant_of_the_header():
    text = header()
    functions = set(re.findall(r"\b(vms_\w+)\(", text))
    constants = set(re.findall(r"\b(VMS_[A-Z0-9_]+)\b", text))
    stub = STUB.read_text()
    assert functions == set(re.findall(r"def (vms_\w+)\(", stub))
    assert constants == set(re.findall(r"^    (VMS_\w+): int", stub, re.M))


def test_the_stub_names_as_many_arguments_as_the_header():
    stub = dict(re.findall(r"def (vms_\w+)\(\s*self(.*?)\) ->", STUB.read_text(), re.S))
    for name, args in re.findall(r"\b(vms_\w+)\(([^)]*)\);", header()):
        count = 0 if args.strip() in ("void", "") else args.count(",") + 1
        assert stub[name].count(":") == count, name


def test_every_symbol_of_the_header_is_in_the_core():
    for name in re.findall(r"def (vms_\w+)\(", STUB.read_text()):
        assert callable(getattr(lib, name))


def test_a_count_array_must_be_what_c_takes_it_for():
    array = np.zeros(4, dtype=np.uint64)
    assert len(_lib.as_u64(array)) == 4
    for wrong in (np.zeros(4), np.zeros(4, dtype=np.int64), np.zeros(8, dtype=np.uint64)[::2]):
        with pytest.raises(AssertionError):
            _lib.as_u64(wrong)


def test_an_index_out_of_range_is_no_scenario():
    assert lib.vms_scenario_at(-1) == ffi.NULL
    assert lib.vms_scenario_at(lib.vms_scenario_count()) == ffi.NULL


def test_every_scenario_tells_its_story():
    for s in _lib.scenarios():
        assert s.title, s.name
        assert s.story, s.name
        assert s.actors, s.name
        assert 0 < s.own_outcomes <= len(s.outcomes)
        assert all(o.about for o in s.outcomes), s.name
        assert all(p.low <= p.preset <= p.high for p in s.parameters), s.name


def test_knobs_have_choices_and_a_sentence():
    for knob in _lib.knobs():
        assert knob.about
        assert len(knob.choices) >= 2
