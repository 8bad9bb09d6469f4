"""The search gives the final states that herd7 gives, of every kept program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from oracle import emit, herd, kept
from oracle.ask import Search, build
from oracle.check import sort
from oracle.program import MODELS, RMW, Op, Program, from_json, key, to_json

from pyharness import verify

PER_MODEL = 3000
_ENTRIES = {model: kept.load(kept.path_of(model)) for model in MODELS}


@pytest.fixture(scope="session")
def binary(tmp_path_factory):
    """The C side, compiled once."""
    return build(tmp_path_factory.mktemp("oracle"))


def _has(test: Callable[[Op], bool]) -> Callable[[Program], bool]:
    return lambda program: any(test(op) for op in program.ops())


def _twice(program: Program) -> bool:
    """Two accesses of one CPU to the same bytes."""
    return any(
        n > 1
        for code in program.cpus
        for n in Counter((o.offset, o.size) for o in code if o.kind in ("load", "store")).values()
    )


FEATURES: dict[str, Callable[[Program], bool]] = {
    **{f"{n} CPUs": (lambda p, n=n: len(p.cpus) == n) for n in (2, 3, 4)},  # type: ignore[misc]
    **{f"fence {f}": _has(lambda o, f=f: o.kind == "fence" and o.order == f)  # type: ignore[misc]
       for f in ("mb", "rmb", "wmb")},
    **{f"{kind} {order}": _has(
        lambda o, kind=kind, order=order: o.kind == kind and o.order == order)  # type: ignore[misc]
       for kind in RMW for order in ("relaxed", "acquire", "release", "acq_rel", "full",
                                     "seq_cst")},
    **{f"load {order}": _has(
        lambda o, order=order: o.kind == "load" and o.order == order)  # type: ignore[misc]
       for order in ("relaxed", "acquire", "seq_cst")},
    **{f"store {order}": _has(
        lambda o, order=order: o.kind == "store" and o.order == order)  # type: ignore[misc]
       for order in ("relaxed", "release", "seq_cst")},
    "address": _has(lambda o: bool(o.address)),
    "address of two loads": _has(lambda o: len(o.address) == 2),
    "false address": _has(lambda o: bool(o.address_false)),
    "data": _has(lambda o: o.kind != "if" and bool(o.data)),
    "data of two loads": _has(lambda o: o.kind != "if" and len(o.data) == 2),
    "false data": _has(lambda o: bool(o.data_false)),
    "branch": _has(lambda o: o.kind == "if" and o.body != o.other),
    "branch to a store": _has(
        lambda o: o.kind == "if" and o.body != o.other and any(b.kind == "store" for b in o.body)
    ),
    "branch that is empty": _has(lambda o: o.kind == "if" and not o.body),
    "branch of the same store": _has(lambda o: bool(o.body) and o.body == o.other),
    "unequal": _has(lambda o: o.kind == "if" and o.order == "!="),
    "same address": _twice,
    "two sizes": lambda p: p.mixed,
    "bytes": _has(lambda o: o.size == 1),
    "halves": _has(lambda o: o.size == 2),
}  # fmt: skip
LEAST = 15  # programs of each


@pytest.mark.parametrize("model", MODELS)
def test_the_kept_programs_are_many_and_of_every_kind(model: str):
    """Each kind often enough that a search which forgets it is caught."""
    about, entries = _ENTRIES[model]
    assert about["model"] == model
    assert about["herd"]
    assert about["commands"]
    assert len({key(e.program) for e in entries}) >= PER_MODEL
    assert all(e.states for e in entries)
    wanted = {**FEATURES}
    if model == "arm64":
        wanted["load acquire_pc"] = _has(lambda o: o.order == "acquire_pc")
    counts = {name: sum(map(test, (e.program for e in entries))) for name, test in wanted.items()}
    assert {name: n for name, n in counts.items() if n < LEAST} == {}


@pytest.mark.parametrize("model", MODELS)
def test_compares_succeed_and_fail_in_the_kept_states(model: str):
    """A compare whose old value is read in one state and another value in a second one."""
    both = 0
    for e in _ENTRIES[model][1]:
        register = 0
        for op in e.program.ops():
            if op.kind == "cas":
                both += len({state[register] == op.old for state in e.states}) == 2
            register += op.reads
    assert both >= LEAST


@pytest.mark.parametrize("model", MODELS)
def test_what_is_kept_is_read_as_it_was_written(model: str):
    for e in _ENTRIES[model][1]:
        assert from_json(to_json(e.program)) == e.program  # type: ignore[arg-type]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("model", MODELS)
def test_the_search_has_the_states_that_herd7_has(binary, model: str, jobs: int):
    """0 differences; the first one is shown by `make oracle`."""
    search = Search(binary)
    found = {
        e.name: word
        for e in _ENTRIES[model][1]
        if (word := sort(e, search.states(e.program, model, jobs))) != "equal"
    }
    search.close()
    assert found == {}


# What each search that is broken on purpose gets wrong, and under which models.
TWINS = {
    "drops revisits": (1, ("missing",), MODELS),
    "has no from-reads order": (2, ("too many",), MODELS),
    "invents dependencies": (3, ("missing",), ("arm64",)),
    "forgets that sizes overlap": (4, ("missing", "too many"), MODELS),
    "misses every dependency": (5, ("too many",), ("arm64",)),
}


@pytest.mark.parametrize(
    ("name", "model"), [(name, m) for name, (_, _, models) in TWINS.items() for m in models]
)
def test_a_search_that_is_broken_on_purpose_is_caught(binary, model: str, name: str):
    twin, wrong, _ = TWINS[name]
    search = Search(binary, twin)
    # without dependencies a sum may justify itself, and then there is no end of values
    entries = [e for e in _ENTRIES[model][1] if twin != 5 or not _counts(e.program)]
    words = Counter(sort(e, search.states(e.program, model)) for e in entries)
    search.close()
    assert sum(words[word] for word in wrong) + words["both ways"] > LEAST


def _counts(program: Program) -> bool:
    """Whether a value may grow from one write to the next."""
    return any(op.kind == "add" or op.data for op in program.ops() if op.kind != "if")


def _sample(model: str) -> list[kept.Entry]:
    """Of what a file can tell, every so many."""
    fit = [e for e in _ENTRIES[model][1] if emit.fits(e.program, e.states)]
    return fit[:: len(fit) // 12]


@pytest.mark.parametrize("model", MODELS)
def test_the_same_programs_as_files_of_a_user_have_these_outcomes(
    tmp_path, monkeypatch, model: str
):
    """Compiled C in place of the interpreter: every state is met and no other."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for e in _sample(model):
        path = tmp_path / f"{e.name}.c"
        path.write_text(emit.scenario(e.program, e.name.replace("-", "_"), e.states))
        (result,) = verify(path, model=model).results
        met = {
            row.name
            for row, n in zip(result.row.scenario.outcomes, result.counts, strict=True)
            if n
        }
        assert met == {emit.name(k) for k in range(len(e.states))}, e.name


def test_the_text_of_a_real_dependency_has_it_and_of_a_false_one_has_not():
    """What herd7 is asked is what a compiler leaves of the C."""
    load, store = Op("load"), Op("store", offset=4, value=1)
    real = Op("if", "==", value=1, data=(0,), body=(store,))
    same = Op("if", "==", value=1, data=(0,), body=(store,), other=(store,))
    plain = herd.as_test("lse", "t", Program(4, 8, ((load, store),))).text
    assert herd.as_test("lse", "t", Program(4, 8, ((load, same),))).text == plain
    assert "B.NE" in herd.as_test("lse", "t", Program(4, 8, ((load, real),))).text
    for name in ("address_false", "data_false"):
        false = Op("store", offset=4, value=1, **{name: (0,)})  # type: ignore[arg-type]
        assert herd.as_test("lse", "t", Program(4, 8, ((load, false),))).text == plain
