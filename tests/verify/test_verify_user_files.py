"""A scenario file of the user's under every model: found, held, told off, replayed."""

from __future__ import annotations

import platform

import pytest

from pyharness.api import verify
from pyharness.cli import run
from pyharness.errors import UsageError
from pyharness.verify.replay import replay_token

REVIVE = """\
#include <kapi.h>
struct state { atomic_t ref; int freed; };
ACTOR(get) { if (!atomic_read(&s->ref)) return 0; atomic_inc(&s->ref); return 1; }
ACTOR(put) { if (atomic_dec_and_test(&s->ref)) WRITE_ONCE(s->freed, 1); return 0; }
INIT { atomic_set(&s->ref, 1); }
CHECK { return r[0] && READ_ONCE(s->freed); }
OUTCOMES { OK("safe", "in time"), FORBIDDEN("revived", "a freed object has a reference") };
SCENARIO(revive, "a get that tests and then increments", get, put);
"""
FIXED = REVIVE.replace(
    "if (!atomic_read(&s->ref)) return 0; atomic_inc(&s->ref); return 1;",
    "return atomic_add_unless(&s->ref, 1, 0);",
)


@pytest.fixture
def revive(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "revive.c"
    path.write_text(REVIVE)
    return path


def test_the_bug_is_found_and_the_fix_holds_under_every_model(revive):
    found = verify(revive).results
    assert [r.verdict for r in found] == ["violated"] * 3
    assert found[0].witness is not None
    assert found[0].witness.lines[-1].operation.startswith("atomic_inc")
    revive.write_text(FIXED)
    assert [r.verdict for r in verify(revive).results] == ["holds"] * 3


@pytest.mark.parametrize("answer", ["7", "(unsigned)-1", "2"])
@pytest.mark.parametrize("how", [{}, {"strategy": "random", "runs": 1000}])
def test_a_check_that_answers_nonsense_is_a_violation_as_it_is_on_real_threads(
    revive, answer, how
):
    revive.write_text(FIXED.replace("return r[0] && READ_ONCE(s->freed);", f"return {answer};"))
    for result in verify(revive, **how).results:
        assert result.verdict == "violated"
        assert "none of the scenario's outcomes" in result.message
        (row,) = [o for o, count in zip(
            result.row.scenario.outcomes, result.counts, strict=True) if count]  # fmt: skip
        assert row.name == "no-outcome"


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("WRITE_ONCE(s->freed, 1)", "s->freed = 1", 4),
        ("atomic_set(&s->ref, 1);", "atomic_set(&s->ref, 1); s->freed = 0;", 5),
        ("READ_ONCE(s->freed)", "s->freed", 6),
    ],
)
def test_a_plain_access_is_told_with_its_own_line(revive, before, after, line):
    """In an actor, in INIT and in CHECK: nothing escapes the search, nothing crashes."""
    revive.write_text(REVIVE.replace(before, after))
    (result,) = verify(revive, model="sc").results
    assert "escape" in {f.kind for f in result.found}
    messages = [result.message] if result.found[0].kind == "escape" else []
    assert all(m.endswith(f"{revive}:{line})") for m in messages)


DEEP = (
    "static __attribute__((noinline)) int deep(int n) "
    "{ volatile int v[9]; v[1] = n; v[0] = deep(n + 1); return v[0] + v[1]; }\n"
)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("WRITE_ONCE(s->freed, 1)", "%s", 5),
        ("atomic_set(&s->ref, 1);", "atomic_set(&s->ref, 1); %s;", 6),
        ("READ_ONCE(s->freed)", "%s", 7),
    ],
    ids=["actor", "init", "check"],
)
@pytest.mark.parametrize(
    ("kind", "code"), [("trap", "({ __builtin_trap(); 0; })"), ("stack", "deep(0)")]
)
@pytest.mark.parametrize("strategy", [{}, {"strategy": "random", "runs": 50}])
def test_c_that_dies_is_a_violation_with_its_own_line(
    revive, before, after, line, kind, code, strategy
):
    """Of the run that led to it, and the process lives: other runs are searched too."""
    revive.write_text(DEEP + REVIVE.replace(before, after % code))
    (result,) = verify(revive, model="sc", **strategy).results
    assert kind in {f.kind for f in result.found}
    if kind == result.found[0].kind:
        where = 1 if kind == "stack" else line
        assert result.message.endswith(f"({revive}:{where})")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="elsewhere it does not trap")
def test_a_division_by_zero_has_a_witness(revive):
    revive.write_text(
        REVIVE.replace(
            "atomic_inc(&s->ref)", "WRITE_ONCE(s->freed, 6 / atomic_read(&s->ref)); return 0"
        )
    )
    for result in verify(revive).results:
        assert [f.kind for f in result.found] == ["trap"]
        assert result.message.endswith(f"({revive}:3)")
        assert result.witness.lines[-1].effect == "state+0 = 0"


def test_broken_c_is_one_line_with_the_users_line(revive, capfd):
    revive.write_text(REVIVE.replace("return 0; atomic_inc", "return nought; atomic_inc"))
    assert run(["verify", str(revive)]) == 2
    assert f"{revive}:3:" in capfd.readouterr().err


def test_a_token_of_a_file_is_replayed_from_that_text_only(revive):
    (result,) = verify(revive, model="sc").results
    assert result.witness is not None
    token = result.witness.token
    for _ in range(10):
        again = replay_token(token, revive).witness
        assert again is not None
        assert again.lines == result.witness.lines
    with pytest.raises(UsageError, match="file of yours"):
        replay_token(token)
    revive.write_text(FIXED)
    with pytest.raises(UsageError, match="has changed"):
        replay_token(token, revive)


SPIN = """\
#include <kapi.h>
struct state { int ready; };
ACTOR(waits) {
	while (!READ_ONCE(s->ready))
		%s;
	return 0;
}
ACTOR(sets) { WRITE_ONCE(s->ready, 1); return 0; }
INIT { WRITE_ONCE(s->ready, 0); }
CHECK { return !READ_ONCE(s->ready); }
OUTCOMES { OK("seen", "it came"), FORBIDDEN("lost", "it never came") };
SCENARIO(spin, "one waits for the other", waits, sets);
"""


@pytest.mark.parametrize("model", ["sc", "tso", "arm64"])
@pytest.mark.parametrize("turn", ["", "cpu_relax()"])
def test_a_loop_that_waits_is_known_by_its_state(revive, model, turn):
    """It reads the same in the same state: another turn says nothing new, marked or not."""
    revive.write_text(SPIN % turn)
    (result,) = verify(revive, model=model).results
    assert result.verdict == "holds"


@pytest.mark.parametrize("model", ["sc", "tso", "arm64"])
def test_a_loop_that_counts_its_turns_is_told_with_its_line(revive, model):
    """There is always one more turn: the search is cut short, and says by what."""
    counts = SPIN.replace("ACTOR(waits) {", "ACTOR(waits) {\n\tunsigned n = 0;")
    counts = counts.replace("return 0;\n}\nACTOR(sets)", "return n > 100000;\n}\nACTOR(sets)")
    revive.write_text(counts % "n++")
    (result,) = verify(revive, model=model).results
    assert (result.verdict, result.stats.limit) == ("bounded", "room")
    assert "a run has more than 1024 events" in result.message
    assert "READ_ONCE(s->ready) came " in result.message
    assert f"({revive}:5): a loop that counts its turns" in result.message


RACE = """\
#include <kapi.h>
struct state { int data, flag; };
ACTOR(reads) {
	int v;
	rcu_read_lock();
	v = PLAIN_READ(s->data);
	rcu_read_unlock();
	return v == 0 && READ_ONCE(s->flag);
}
ACTOR(writes) {
	smp_mb();
	WRITE_ONCE(s->flag, 1);
	smp_wmb();
	smp_mb();
	WRITE_ONCE(s->data, 1);
	return 0;
}
INIT { WRITE_ONCE(s->data, 0); }
CHECK { return r[0]; }
OUTCOMES { OK("same", "both or none"), INTERESTING("late", "the flag alone") };
SCENARIO(race, "one side is plain", reads, writes);
"""


def _lines(result):
    assert result.witness is not None
    return {line.line: line for line in result.witness.lines}


@pytest.mark.parametrize("strategy", [{}, {"strategy": "random", "runs": 100}])
def test_a_race_names_both_accesses(revive, strategy):
    revive.write_text(RACE)
    for result in verify(revive, **strategy).results:
        assert result.found[0].kind == "race"
        told = result.message.rpartition(" (")[2]
        assert set(told.rstrip(")").split(" and ")) == {f"{revive}:{n}" for n in (6, 15)}


@pytest.mark.parametrize(("model", "fences"), [("sc", []), ("tso", [14]), ("arm64", [13, 14])])
def test_fences_are_lines_where_they_order_something(revive, model, fences):
    """The one before the first access does not, and those of x86 that are no instruction."""
    revive.write_text(RACE.replace("INTERESTING", "FORBIDDEN").replace("PLAIN_READ", "READ_ONCE"))
    (result,) = verify(revive, model=model).results
    lines = _lines(result)
    assert [n for n in lines if n in (11, 13, 14)] == fences
    assert all(lines[n].operation.startswith("smp_") for n in fences)
    numbers = [line.line for line in result.witness.lines if line.cpu == 1]
    assert numbers == sorted(numbers)


def test_the_end_of_a_read_section_is_not_told_as_its_beginning(revive):
    revive.write_text(RACE.replace("INTERESTING", "FORBIDDEN").replace("PLAIN_READ", "READ_ONCE"))
    (result,) = verify(revive, model="sc").results
    lines = _lines(result)
    assert lines[5].effect == "rcu sections begun on CPU 0: 0 -> 1"
    assert lines[7].effect == "rcu sections ended on CPU 0: 0 -> 1"
