"""A scenario file of the user's: compiled once, told off with its own lines, hunted."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

import pyharness
from pyharness.catalogue import user_files as plugin
from pyharness.cli import run
from pyharness.errors import BuildError, ScenarioError, UnsupportedHere, UsageError

SOURCE = """\
#include <kapi.h>

struct state {
	atomic_t count;
};

enum { BOTH, LOST };

OUTCOMES {
	[BOTH] = OK("both", "both increments count"),
	[LOST] = FORBIDDEN("lost", "an increment was lost"),
};

static inline void add(struct state *s)
{
	atomic_set(&s->count, atomic_read(&s->count) + 1);
}

ACTOR(left)
{
	add(s);
	return 0;
}

ACTOR(right)
{
	add(s);
	return 0;
}

INIT
{
	atomic_set(&s->count, 0);
}

CHECK
{
	(void)r;
	return atomic_read(&s->count) == 2 ? BOTH : LOST;
}

SCENARIO(mine, "two increments without an atomic", left, right);
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "mine.c"
    path.write_text(SOURCE)
    return path


def test_a_scenario_of_the_users_is_hunted_and_its_bug_found(mine):
    report = pyharness.hunt(mine, budget=20.0, until_found=True)
    (result,) = report.results
    assert result.verdict == "violated"
    assert result.expected is None
    assert result.as_expected is False
    assert report.exit_code == 1
    assert result.name == str(mine)


def test_the_same_source_is_compiled_once_and_another_again(mine):
    first = plugin.build(mine)
    stamps = [p.stat().st_mtime_ns for p in first]
    assert plugin.build(mine) == first
    assert [p.stat().st_mtime_ns for p in first] == stamps
    mine.write_text(SOURCE.replace("two increments", "more increments"))
    assert plugin.build(mine) != first
    assert not list(plugin.cache_root().rglob("*.tmp"))


def test_a_header_of_the_users_is_part_of_the_key(mine, tmp_path):
    header = tmp_path / "mine.h"
    mine.write_text('#include "mine.h"\n' + SOURCE)
    header.write_text("#define STEP 1\nstatic const int step = STEP;\n")
    first = plugin.build(mine)
    header.write_text("#define STEP 2\nstatic const int step = STEP;\n")
    assert plugin.build(mine) != first


def test_a_compile_error_is_one_line_with_the_users_own_line(mine):
    mine.write_text(SOURCE.replace("+ 1", "+ one", 1))
    with pytest.raises(BuildError) as caught:
        plugin.load(mine)
    assert str(caught.value).startswith(f"{mine}:16:")
    assert "one" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "error" in caught.value.detail
    assert not any(plugin.cache_root().iterdir())


def test_a_missing_header_is_told_with_its_line(mine):
    mine.write_text('#include "absent.h"\n')
    with pytest.raises(BuildError, match=r"mine\.c:1:.*absent\.h"):
        plugin.load(mine)


def test_a_file_without_a_scenario_is_refused_by_its_own_name(mine):
    mine.write_text("int x;\n")
    with pytest.raises(ScenarioError, match=r"mine\.c defines no scenario"):
        plugin.load(mine)


def test_a_missing_compiler_cannot_run_here(mine, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(UnsupportedHere, match="no-such-compiler"):
        plugin.load(mine)


def test_a_cache_that_cannot_be_written_says_how_to_move_it(mine, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    with pytest.raises(UnsupportedHere, match="XDG_CACHE_HOME"):
        plugin.load(mine)


def test_the_headers_are_where_the_compiler_is_told():
    assert (plugin.include_dir() / "kapi.h").is_file()
    assert (plugin.include_dir() / "native" / "machine.h").is_file()


def test_actors_have_what_names_they_like_and_are_up_to_eight(mine):
    names = ["a", "b", "r", "i", "cpu", "end", "state", "fn"]
    actors = "".join(f"ACTOR({n}) {{ atomic_inc(&s->n); return 0; }}\n" for n in names)
    mine.write_text(
        f"#include <kapi.h>\nstruct state {{ atomic_t n; }};\n{actors}INIT {{ }}\n"
        'CHECK { return 0; }\nOUTCOMES { OK("all", "each has counted") };\n'
        f'SCENARIO(named, "names of the headers\' own", {", ".join(names)});\n'
    )
    assert [actor.name for actor in plugin.load(mine).actors] == names


PARTS = {
    "include": "#include <kapi.h>",
    "state": "struct state { atomic_t n; };",
    "actor": "ACTOR(left) { atomic_inc(&s->n); return 0; }",
    "init": "INIT { atomic_set(&s->n, 0); }",
    "check": "CHECK { return atomic_read(&s->n) != 1; }",
    "outcomes": 'OUTCOMES { OK("one", "counted"), FORBIDDEN("none", "lost") };',
    "scenario": 'SCENARIO(mine, "one", left);',
}


@pytest.mark.parametrize(
    ("part", "instead", "line", "says"),
    [
        ("state", "", 3, "there is no struct state"),
        ("actor", "", 7, "names the actor left, and there is no ACTOR(left)"),
        ("init", "", 7, "the scenario has no INIT"),
        ("check", "", 7, "the scenario has no CHECK"),
        ("outcomes", "", 7, "the scenario has no OUTCOMES"),
        ("outcomes", 'OUTCOMES { OK("one", "counted") }', 7, "';'"),
        ("scenario", 'SCENARIO(mine, "one");', 7, "SCENARIO names no actor"),
    ],
)
def test_a_part_that_is_missing_is_told_at_the_users_own_line(mine, part, instead, line, says):
    mine.write_text("\n".join({**PARTS, part: instead}.values()) + "\n")
    with pytest.raises(BuildError) as caught:
        plugin.load(mine)
    assert str(caught.value).startswith(f"{mine}:{line}:"), caught.value
    assert says in str(caught.value)


def test_a_name_that_looks_like_an_option_is_a_file(mine, monkeypatch):
    monkeypatch.chdir(mine.parent)
    mine.rename("-mine.c")
    assert plugin.load(Path("-mine.c")).name == "mine"


def test_a_file_that_is_not_c_by_its_name_is_refused(mine):
    with pytest.raises(ScenarioError, match=r'other" is no C file'):
        plugin.load(mine.rename(mine.with_name("other")))


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.c")
    with pytest.raises(ScenarioError, match="no ordinary file"):
        plugin.load(tmp_path / "pipe.c")


def test_a_compiler_that_is_no_command_is_bad_input(mine, monkeypatch):
    monkeypatch.setenv("CC", "gcc '")
    with pytest.raises(UsageError, match=r"CC: .*No closing quotation"):
        plugin.load(mine)


@pytest.mark.parametrize(
    ("declaration", "use", "name", "line"),
    [
        ("static int calls;", "calls++", "calls", 3),
        ("int shown;", "shown++", "shown", 3),
        ("static __thread int mine;", "mine++", "mine", 3),
        ("static int *where;", "where = where ? where : (int *)s", "where", 3),
        ("", "static int inner; inner++", "inner", 4),
    ],
)
def test_a_variable_outside_of_struct_state_is_refused(mine, declaration, use, name, line):
    """Neither machine would see it; the search would say that the scenario holds."""
    actor = f"ACTOR(left) {{ {use}; return {name} != 0; }}"
    state = f"{PARTS['state']}\n{declaration}"
    mine.write_text("\n".join({**PARTS, "state": state, "actor": actor}.values()) + "\n")
    with pytest.raises(ScenarioError, match="keep it in struct state") as caught:
        plugin.load(mine)
    assert str(caught.value).startswith(f'{mine}:{line}: the variable "{name}" is outside')


@pytest.mark.parametrize("cc", ["clang", "gcc -flto", "gcc -fsanitize=undefined"])
def test_every_compiler_names_its_variables_and_ours_are_none(mine, monkeypatch, cc):
    tool = shutil.which(cc.split()[0])
    if not tool:
        pytest.skip(f"needs {cc}")
    target = subprocess.run([tool, "-dumpmachine"], capture_output=True, text=True).stdout
    if not target.startswith(platform.machine()):
        pytest.skip(f"{cc} builds for {target.strip()}, this is {platform.machine()}")
    monkeypatch.setenv("CC", cc)
    assert plugin.load(mine).name == "mine"
    mine.write_text(
        SOURCE.replace("+ 1);", "+ 1); static int inner; atomic_set(&s->count, inner++);")
    )
    with pytest.raises(ScenarioError, match=r'mine\.c:16: the variable "inner" is outside'):
        plugin.load(mine)


def test_hunt_and_verify_refuse_it_alike(mine, capfd):
    mine.write_text(
        SOURCE.replace("enum { BOTH", "static int extra;\nenum { BOTH").replace(
            "+ 1);", "+ 1 + extra++);"
        )
    )
    for verb in ("hunt", "verify"):
        assert run([verb, str(mine)]) == 2
        assert f'{mine}:7: the variable "extra"' in capfd.readouterr().err


def test_constants_of_the_users_are_no_state(mine):
    """Tables with pointers too, which are written once, when they are loaded."""
    tables = """\
static const int step[] = { 1, 2 };
static const char *const names[] = { "one", "two" };
static int never_written = 1;
"""
    mine.write_text(
        SOURCE.replace("static inline void add", tables + "static inline void add").replace(
            "+ 1);", "+ step[names[s != NULL][0] == 't'] * never_written);"
        )
    )
    assert plugin.load(mine).name == "mine"
