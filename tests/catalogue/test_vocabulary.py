"""Every word that the headers define: it compiles for both machines, the search runs it, and
a word that there is not is told with its line and with what to use instead."""

import dataclasses
import re
from pathlib import Path

import pytest

import pyharness
from pyharness.catalogue import user_files, vocabulary
from pyharness.errors import BuildError
from pyharness.output.interrupt import Interrupt
from pyharness.verify.options import Options
from pyharness.verify.run import verify_row

WORDS = vocabulary.words(user_files.include_dir())

STATE = """\
#include <kapi.h>
struct entry { struct list_head node; struct hlist_node hash; struct llist_node link; };
struct state {
	atomic_t atomic; atomic64_t atomic64; int x; long eight; int *shown; unsigned long bits[2];
	spinlock_t spin; struct mutex mutex; rwlock_t rw; struct rw_semaphore sem;
	seqcount_t count; seqlock_t seq; struct completion done; wait_queue_head_t queue;
	struct list_head head; struct hlist_head hashes; struct llist_head stack;
	struct entry a, b; refcount_t refs; struct kref kref; struct lockref lockref;
	struct srcu_struct srcu; PER_CPU(long, each);
};
static inline void released(struct kref *k) { (void)k; }
"""
INIT = """\
INIT
{
	refcount_set(&s->refs, 5);
	WRITE_ONCE(s->kref.refcount.refs.counter, 5);
	WRITE_ONCE(s->lockref.count, 5);
	WRITE_ONCE(s->done.done, 1);
	WRITE_ONCE(s->shown, &s->x);
	INIT_LIST_HEAD(&s->head);
	list_add(&s->a.node, &s->head);
	hlist_add_head(&s->a.hash, &s->hashes);
	llist_add(&s->a.link, &s->stack);
}
CHECK { (void)s; (void)r; return 0; }
OUTCOMES { OK("done", "the word came back") };
"""
# What a header's words work on, by the name that the macro has for it.
ARGUMENTS = {
    "atomic.h": {"v": "&s->atomic", "o": "1", "n": "2", "i": "1", "a": "1", "u": "9"},
    "atomic64.h": {"v": "&s->atomic64", "o": "1", "n": "2", "i": "1", "a": "1", "u": "9"},
    "cmpxchg.h": {"p": "&s->eight", "o": "1", "n": "2", "v": "1"},
    "access.h": {"x": "s->x", "v": "1", "p": "&s->x", "label": '"here"'},
    "bitops.h": {"nr": "3", "addr": "s->bits", "mask": "1"},
    "bug.h": {"condition": "READ_ONCE(s->x)"},
    "completion.h": {"c": "&s->done", "q": "&s->queue"},
    "hlist.h": {"n": "&s->a.hash", "h": "&s->hashes"},
    "irq.h": {"flags": "flags"},
    "list.h": {"l": "&s->b.node", "new": "&s->b.node", "head": "&s->head",
               "entry": "&s->a.node", "old": "&s->a.node"},
    "llist.h": {"n": "&s->b.link", "h": "&s->stack", "first": "&s->b.link",
                "last": "&s->b.link", "name": "x"},
    "lockref.h": {"l": "&s->lockref"},
    "mutex.h": {"m": "&s->mutex"},
    "percpu.h": {"x": "s->each", "variable": "s->each", "cpu": "0", "v": "1", "o": "1", "n": "2"},
    "rcu.h": {"p": "s->shown", "condition": "true", "v": "&s->x"},
    "refcount.h": {"r": "&s->refs", "i": "1", "n": "3", "l": "&s->spin", "m": "&s->mutex",
                   "k": "&s->kref", "release": "released"},
    "rwlock.h": {"l": "&s->rw", "s": "&s->sem"},
    "seqlock.h": {"s": "&s->seq", "start": "0", "flags": "flags"},
    "spinlock.h": {"l": "&s->spin", "flags": "flags"},
    "srcu.h": {"s": "&s->srcu", "half": "0", "p": "s->shown"},
    "types.h": {"x": "1", "nr": "1"},
}  # fmt: skip
ARGUMENTS["atomic_long.h"] = ARGUMENTS["atomic64.h"]
# Words that are no call.
STATEMENTS = {
    "container_of": "(void)container_of(&s->a.hash, struct entry, hash)",
    "ARRAY_SIZE": "(void)ARRAY_SIZE(s->bits)",
    "PER_CPU": "PER_CPU(int, mine); (void)mine",
    "for_each_possible_cpu": "unsigned c; for_each_possible_cpu(c) (void)c",
    "list_for_each_entry": "struct entry *e; list_for_each_entry(e, &s->head, node) (void)e",
    "list_for_each_entry_safe":
        "struct entry *e, *f; list_for_each_entry_safe(e, f, &s->head, node) (void)e",
    "list_for_each_entry_rcu":
        "struct entry *e; list_for_each_entry_rcu(e, &s->head, node) (void)e",
    "hlist_for_each_entry": "struct entry *e; hlist_for_each_entry(e, &s->hashes, hash) (void)e",
    "hlist_for_each_entry_rcu":
        "struct entry *e; hlist_for_each_entry_rcu(e, &s->hashes, hash) (void)e",
    "llist_for_each": "struct llist_node *n; llist_for_each(n, llist_del_all(&s->stack)) (void)n",
    "list_entry": "(void)list_entry(&s->a.node, struct entry, node)",
    "list_entry_rcu": "(void)list_entry_rcu(s->head.next, struct entry, node)",
    "list_first_entry": "(void)list_first_entry(&s->head, struct entry, node)",
    "list_first_entry_or_null": "(void)list_first_entry_or_null(&s->head, struct entry, node)",
    "hlist_entry": "(void)hlist_entry(&s->a.hash, struct entry, hash)",
    "hlist_entry_safe": "(void)hlist_entry_safe(&s->a.hash, struct entry, hash)",
    "llist_entry": "(void)llist_entry(&s->a.link, struct entry, link)",
    "llist_next": "(void)llist_next(&s->a.link)",
    "hlist_add_head": "hlist_add_head(&s->b.hash, &s->hashes)",
    "hlist_add_head_rcu": "hlist_add_head_rcu(&s->b.hash, &s->hashes)",
    "wait_event": "wait_event(s->queue, true)",
    "smp_cond_load_relaxed": "(void)smp_cond_load_relaxed(&s->x, VAL == 0)",
    "smp_cond_load_acquire": "(void)smp_cond_load_acquire(&s->x, VAL == 0)",
    "__must_check": "extern int __must_check never(void)",
    "__rcu": "int __rcu *p = NULL; (void)p",
    "__percpu": "int __percpu *p = NULL; (void)p",
}
# Initialisers stand in INIT's place, in a variable.
INITIALISED = {
    "ATOMIC_INIT": "atomic_t", "ATOMIC64_INIT": "atomic64_t", "ATOMIC_LONG_INIT": "atomic_long_t",
    "REFCOUNT_INIT": "refcount_t", "KREF_INIT": "struct kref",
    "__SPIN_LOCK_UNLOCKED": "spinlock_t", "__RAW_SPIN_LOCK_UNLOCKED": "raw_spinlock_t",
    "__RW_LOCK_UNLOCKED": "rwlock_t", "__SEQLOCK_UNLOCKED": "seqlock_t",
    "SEQCNT_ZERO": "seqcount_t", "HLIST_HEAD_INIT": "struct hlist_head",
    "LLIST_HEAD_INIT": "struct llist_head",
}  # fmt: skip
# What closes what is opened: each of the two is tried with the other.
CLOSES = {"lock": "unlock", "disable": "enable", "save": "restore", "get_cpu": "put_cpu",
          "down_": "up_", "write_seqcount_begin": "write_seqcount_end"}  # fmt: skip
SECTIONS = re.compile(
    r"(raw_)?spin_(un)?lock(_irq|_irqsave|_irqrestore|_bh)?|mutex_(un)?lock|mutex_lock_\w+|"
    r"(read|write)_(un)?lock|(up|down)_(read|write)|rcu_read_(un)?lock\w*|(get|put)_cpu|"
    r"(local|preempt)\w*_(disable|enable|save|restore)|(raw_)?write_seqcount_(begin|end)|"
    r"write_seq(un)?lock\w*|read_seq(un)?lock_excl|srcu_read_(un)?lock|"
    r"\w+try_?lock\w*|down_\w+_trylock"
)  # fmt: skip


def argument(name, parameter):
    """What stands for a parameter of this word."""
    header = WORDS[name].header
    if "cond_read" in name and parameter == "condition":
        return "VAL == 0"
    if "try_cmpxchg" in name and parameter == "o":
        return "&old" if header == "atomic.h" else "&old64"
    if header == "seqlock.h" and parameter == "s" and "count" in name:
        return "&s->count"
    return ARGUMENTS[header][parameter]


def call(name):
    parameters = [p for p in WORDS[name].parameters if p != "..."]
    return f"{name}({', '.join(argument(name, p) for p in parameters)})"


def section(name):
    """A section of this word, with the word that opens or closes it."""
    if "try" in name:
        closes = name.replace("try", "un").replace("save", "restore")
        if name.startswith("down"):
            closes = name.replace("down", "up").removesuffix("_trylock")
        return f"if ({call(name)}) {call(closes)}"
    opens = name
    for begin, end in CLOSES.items():
        opens = opens.replace(end, begin)
    closes = opens
    for begin, end in CLOSES.items():
        closes = closes.replace(begin, end, 1)
    closes = re.sub("mutex_unlock_.*", "mutex_unlock", closes)
    return f"{call(opens)}; {call(closes)}"


def statement(name):
    """One statement that uses the word, and leaves nothing locked."""
    word = WORDS[name]
    if name in STATEMENTS:
        return STATEMENTS[name]
    if word.kind in ("type", "struct"):
        return f"{'struct ' * (word.kind == 'struct')}{name} mine; (void)mine"
    if word.kind == "function":
        return f"{name}()"
    if word.kind == "name" and word.header == "atomic_long.h":
        like = name.replace("atomic_long", "atomic64")
        return call(like).replace("atomic64", "atomic_long", 1)
    if word.kind == "name" and word.header == "cmpxchg.h":
        like = name.replace("64", "").removesuffix("_local")
        return call(like if like in WORDS else f"{like}_relaxed").replace(like, name, 1)
    if name in INITIALISED:
        value = f"{name}(1)" if word.parameters else name
        return f"{INITIALISED[name]} mine = {value}; (void)mine"
    if word.kind == "name":
        return f"(void){name}"
    return section(name) if SECTIONS.fullmatch(name) else call(name)


# What the search refuses at compile time until it knows those orders.
LATER = re.compile(r"_acq_rel$|_seq_cst$|_pc$|_heavy$")


def scenario(names):
    """A file whose parameter `word` chooses one of these words."""
    lines = [STATE, "ACTOR(one)\n{", "\tint old = 1; s64 old64 = 1; unsigned long flags = 0;",
             "\t(void)old; (void)old64; (void)flags;", "\tswitch (PARAM(0)) {"]  # fmt: skip
    for i, name in enumerate(names):
        text = f"\tcase {i}: {{ {statement(name)}; break; }}"
        if LATER.search(name):
            text = f"#ifndef MODEL_LACKS_ORDERS\n{text}\n#endif"
        lines.append(text)
    most = len(names) - 1
    lines += ["\t}\n\treturn 0;\n}", INIT,
              f'PARAMS {{ {{ "word", "which", 0, {most}, 0 }} }};',
              'ACTORS { ACTOR_ROW(one, "tries the word") };',
              "SCENARIO_DEFINE(words) { KAPI_COMMON, KAPI_WITH_PARAMS, .name = \"words\","
              ' .title = "words", .story = "words", .source = "" };']  # fmt: skip
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("vocabulary")
    patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    path = folder / "words.c"
    path.write_text(scenario(sorted(WORDS)))
    yield path
    patch.undo()


def test_there_are_words_of_every_family():
    assert len(WORDS) > 550
    assert {word.header for word in WORDS.values()} == set(ARGUMENTS)


@pytest.mark.slow
def test_every_word_compiles_for_both_machines(file):
    assert len(user_files.build(file)) == 3


@pytest.mark.slow
@pytest.mark.parametrize("model", ["sc", "tso", "arm64"])
def test_the_search_comes_to_the_end_of_every_word(file, model):
    row = pyharness.verify(file, model=model).results[0].row
    for i, name in enumerate(sorted(WORDS)):
        word = dataclasses.replace(row, parameters={"word": i})
        with Interrupt() as interrupt:
            result = verify_row(word, model, Options(), interrupt)
        assert result.verdict == "holds", name


@pytest.mark.slow
def test_real_threads_come_to_the_end_of_a_word_of_each_family(file):
    names = sorted(WORDS)
    for header in sorted(ARGUMENTS):
        word = next(i for i, name in enumerate(names) if WORDS[name].header == header)
        report = pyharness.hunt(file, parameters={"word": word}, budget=0.1)
        assert report.results[0].verdict == "unreached"
        assert report.results[0].samples


def told(tmp_path, text):
    path = tmp_path / "mine.c"
    path.write_text(f"{STATE}ACTOR(one)\n{{\n{text};\nreturn 0;\n}}\n{INIT}"
                    'SCENARIO(mine, "mine", one);\n')  # fmt: skip
    with pytest.raises(BuildError) as caught:
        user_files.build(path)
    line = f"{STATE}ACTOR(one)\n{{\n".count("\n") + 1
    assert f"mine.c:{line}:" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("atomic_fetch_orr(1, &s->atomic)", '"atomic_fetch_orr"'),
        ("atomic_fetch_orr(1, &s->atomic)", "nearest: atomic_fetch_or,"),
        ("refcont_t r", "nearest: refcount_t"),
        ("frobnicate(3)", '"frobnicate" is no word of the vocabulary and not defined here'),
        ("ACCESS_ONCE(s->x)", "instead: READ_ONCE() or WRITE_ONCE()"),
        ("pthread_mutex_lock(0)", "instead: actors are the threads"),
        ("kmalloc(8, 0)", "instead: #include <kapi/alloc.h>"),
        ("cmpxchg128(&s->x, 1, 2)", "instead: an access has 1, 2, 4 or 8 bytes"),
        ("__int128 v; cmpxchg(&v, 1, 2)", "an access has 1, 2, 4 or 8 bytes"),
        ("READ_ONCE(*s)", "an access has 1, 2, 4 or 8 bytes"),
        ("void *p = s; xchg(p, 1)", "an access has 1, 2, 4 or 8 bytes"),
        ("atomic_inc(&s->atomic64)", "this word takes an atomic_t *"),
        ("atomic64_or(1, &s->atomic)", "this word takes an atomic64_t *"),
    ],
)
def test_what_is_missing_is_told_with_its_line_and_what_to_use(tmp_path, monkeypatch, text, says):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert says in told(tmp_path, text)


def test_what_a_machine_refuses_is_told_with_its_line(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    machine = (user_files.include_dir() / "model" / "machine.h").read_text()
    if "MODEL_LACKS_ORDERS" not in machine:
        pytest.skip("the search knows every order")
    assert "has no such order yet" in told(tmp_path, "smp_store_seq_cst(&s->x, 1)")


def test_what_is_named_instead_is_a_word():
    named = set()
    for text in (*vocabulary._INSTEAD.values(), *vocabulary._INSTEAD_OF_ALL.values()):
        named |= set(re.findall(r"\b([A-Za-z_0-9]+)\(", text))
    assert named <= {*WORDS, "kmalloc", "kzalloc", "kfree"}


def test_the_page_of_the_vocabulary_names_every_word():
    page = (Path(__file__).parents[2] / "docs" / "vocabulary.md").read_text()
    forms = set(re.findall(r"`([^`]+)`", page))
    covered = set()
    for form in forms:
        covered |= expand(form)
    assert not sorted(set(WORDS) - covered)


def expand(form):
    """`a[_b][c/d]` as a set: each bracket is one of its parts, or nothing if it has one."""
    found = re.search(r"\[([^]]*)\]", form)
    if not found:
        return {form.split("(")[0]}
    parts = found[1].split("/")
    parts = ["", *parts] if len(parts) == 1 or parts[0].startswith("_") else parts
    before, after = form[: found.start()], form[found.end() :]
    return {text for part in parts for text in expand(before + part + after)}
