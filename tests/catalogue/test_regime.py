"""Regime files: the shipped ones are complete, bad ones are refused with the path of the value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyharness import _lib
from pyharness.catalogue.regime import (
    DEFAULT_REGIME,
    default_knobs,
    find_regime,
    knob_indexes,
    load_file,
    regimes,
)
from pyharness.errors import HarnessError, RegimeError

SHIPPED = [
    *("linux-5.18", "writable-alias", "canonicalise-2024", "linux-6.10", "linux-6.15"),
    *("linux-7.1", "linux-7.1+gp", "arm64-naive", "arm64-fault-wait", "arm64-pause", "arm64-stop"),
]


def write(tmp_path, text, name="mine.toml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(tmp_path, text):
    with pytest.raises(RegimeError) as caught:
        load_file(write(tmp_path, text))
    message = str(caught.value)
    assert "\n" not in message
    assert "mine.toml" in message
    return message


def test_every_regime_of_the_design_ships():
    assert set(SHIPPED) <= set(regimes())
    assert DEFAULT_REGIME in regimes()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_regime_spells_out_every_knob_source_and_verdict(name):
    import tomllib

    from pyharness.catalogue.toml_files import shipped

    table = tomllib.loads(shipped("regimes")[name].read_text())
    assert set(table["knobs"]) == {k.name for k in _lib.knobs()}
    regime = regimes()[name]
    assert regime.title
    assert len(regime.about.split()) > 30
    assert regime.sources
    vmemmap = {s.name for s in _lib.scenarios() if s.uses_vmemmap}
    assert set(regime.expected) == vmemmap


def test_knobs_go_to_the_core_by_index_in_its_order():
    knobs = default_knobs()
    assert knob_indexes(knobs) == tuple(k.preset for k in _lib.knobs())
    last = {k.name: k.choices[-1] for k in _lib.knobs()}
    assert knob_indexes(last) == tuple(len(k.choices) - 1 for k in _lib.knobs())


def test_a_boolean_knob_goes_to_the_core_as_0_and_1():
    booleans = [k for k in _lib.knobs() if "true" in k.choices]
    assert booleans
    assert all(k.choices == ("false", "true") for k in booleans)


def test_an_empty_file_is_a_regime_of_defaults(tmp_path):
    assert dict(load_file(write(tmp_path, "")).knobs) == default_knobs()


def test_a_base_gives_its_knobs_and_not_its_verdicts(tmp_path):
    text = 'base = "linux-6.15"\n[knobs]\ngrace_period = "none"\n'
    regime = load_file(write(tmp_path, text))
    assert {**regimes()["linux-6.15"].knobs, "grace_period": "none"} == dict(regime.knobs)
    assert regime.expected == {}


def test_a_base_may_be_a_file_beside_this_one(tmp_path):
    write(tmp_path, '[knobs]\ntail = "writable-alias"\n', "first.toml")
    regime = load_file(write(tmp_path, 'base = "first.toml"\n'))
    assert regime.knobs["tail"] == "writable-alias"


def test_regimes_that_inherit_from_each_other_are_refused(tmp_path):
    write(tmp_path, 'base = "mine.toml"\n', "first.toml")
    with pytest.raises(RegimeError, match="inherit"):
        load_file(write(tmp_path, 'base = "first.toml"\n'))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            '[knobs]\ntail = "read-onlyalias"',
            ["knobs.tail", '"read-onlyalias"', "shared-read-only"],
        ),
        ("[knobs]\ntale = true", ["knobs.tale", "tail"]),
        ("[knobs]\nget_rcu = 1", ["knobs.get_rcu", "1", "false, true"]),
        ("[knobs]\ntail = true", ["knobs.tail", "read-only-alias"]),
        ("knobs = 3", ["knobs", "object"]),
        ("title = 3", ["title", "str"]),
        ('sources = "x"', ["sources", "array"]),
        ('titel = "x"', ['"titel"', "title"]),
        ('base = "linux-6.51"', ["base", "linux-6.15"]),
        ('[expected]\nx = "holds"', ["expected.x", "table"]),
        ('[expected]\nx = { verdict = "hold" }', ["expected.x.verdict", "holds, violated"]),
        ("[expected]\nx = { }", ["expected.x", "verdict"]),
        (
            '[expected]\nx = { verdict = "violated", hazards = ["H99"] }',
            ["expected.x.hazards", "H99"],
        ),
        ('[expected]\nx = { verdict = "violated" }', ["expected.x", "hazards"]),
        ('[expected]\nx = { verdict = "holds", hazards = ["H1"] }', ["expected.x"]),
        ('[expected]\nx = { verdict = "holds", why = 1 }', ["expected.x.why", "verdict"]),
        ("a = 1\nb = = 2", ["mine.toml:2"]),
        (b'a = 1\nb = "\xff"', ["mine.toml:2", "UTF-8"]),
    ],
)
def test_a_bad_value_is_named_by_its_path(tmp_path, text, parts):
    message = refusal(tmp_path, text)
    for part in parts:
        assert part in message


def test_a_missing_file_and_an_unknown_name_are_told_apart(tmp_path):
    with pytest.raises(RegimeError, match="cannot read"):
        find_regime(str(tmp_path / "absent.toml"))
    with pytest.raises(RegimeError, match=r"nearest: .*linux-5\.18"):
        find_regime("linux-5.81")


def test_a_folder_or_a_huge_file_is_no_regime(tmp_path):
    with pytest.raises(RegimeError):
        find_regime(f"{tmp_path}/")
    with pytest.raises(RegimeError, match="1 MiB"):
        load_file(write(tmp_path, "#" * (1 << 21)))


KEYS = st.sampled_from(["title", "about", "sources", "base", "knobs", "expected", "tail", "x"])
VALUES = st.sampled_from(
    ["1", "true", '"x"', "[1]", "{ tail = 1 }", '{ x = "y" }', "{}", "1979-05-27", '"linux-6.15"']
)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(str.encode),
        st.lists(st.tuples(KEYS, VALUES), max_size=4).map(
            lambda pairs: "\n".join(f"{k} = {v}" for k, v in pairs).encode()
        ),
    )
)
def test_any_bytes_are_a_regime_or_one_clear_message(tmp_path_factory, data):
    path = write(tmp_path_factory.mktemp("regime"), data)
    try:
        load_file(path)
    except HarnessError as error:
        assert "\n" not in str(error)
        assert error.exit_code == 2
