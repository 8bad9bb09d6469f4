"""Too little of something: one clear line, the right exit code, and nothing half done."""

import json
import os
import resource

import pytest
from one_line import one_line

pytestmark = pytest.mark.slow


def test_one_cpu_is_enough_to_find_a_bug(limited):
    cpu = min(os.sched_getaffinity(0))
    done = limited("hunt", "no-recheck", "--until-found", "--budget", "30s", cpus={cpu})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as expected" in done.stdout


def test_one_cpu_is_enough_for_a_remapped_vmemmap(limited):
    cpu = min(os.sched_getaffinity(0))
    done = limited(
        *("hunt", "fake-head-get", "--regime", "linux-5.18", "--until-found"),
        *("--budget", "30s"),
        cpus={cpu},
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("mutant", ["rcu-no-grace-period", "no-grace-period"])
def test_without_membarrier_bugs_are_found_too(mutant):
    import pyharness

    (result,) = pyharness.hunt(
        mutant, membarrier=False, until_found=True, budget=10.0, self_test=False
    ).results
    assert result.verdict == "violated", f"seed {result.seed}"


def test_without_membarrier_grace_periods_still_hold():
    import pyharness

    reports = [
        pyharness.hunt("rcu-publish", membarrier=False, budget=0.7, self_test=False),
        pyharness.hunt("stale-load-cas", membarrier=False, budget=0.7, self_test=False),
    ]
    for report in reports:
        (result,) = report.results
        assert result.forbidden == 0, f"seed {result.seed}"
        assert result.samples > 0


# Everything is loaded and has run once; then the limit falls, and only the hunt is short of it.
SHORT_OF = """
import os, resource, sys
from pyharness.cli import run

HUNT = ["hunt", "fake-head-get", "--budget", "300ms", "--json", "-q"]
null, out = os.open(os.devnull, os.O_WRONLY), os.dup(1)
os.dup2(null, 1)
run(HUNT)
os.dup2(out, 1)
{lower}
sys.exit(run(HUNT + {more}))
"""


def short_of(lower, more=()):
    return SHORT_OF.format(lower=lower, more=list(more))


def test_too_little_address_space(limited):
    """Enough for a hunt, not for a gigantic page's frames on top."""
    lower = """
have = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGESIZE")
resource.setrlimit(resource.RLIMIT_AS, (have + (96 << 20),) * 2)
"""
    done = limited(script=short_of(lower, ["-P", "gigantic=1"]))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "memory" in one_line(done).lower()


def test_too_few_files(limited):
    lower = (
        "resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir('/proc/self/fd')) - 1,) * 2)"
    )
    done = limited(script=short_of(lower))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "open files" in one_line(done)


def test_too_few_threads(limited):
    lower = """
if os.geteuid() == 0:  # the limit does not bind root
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
"""
    done = limited(script=short_of(lower))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "cannot start a thread" in one_line(done)


@pytest.mark.root
def test_a_full_disk_for_the_cache(limited, full_disk, tmp_path):
    source = """\
#include <kapi.h>
struct state { int x; };
OUTCOMES { OK("ok", "nothing happened") };
ACTOR(only) { WRITE_ONCE(s->x, 1); return 0; }
INIT { (void)s; }
CHECK { (void)s; (void)r; return 0; }
SCENARIO(mine, "one store", only);
"""
    (tmp_path / "mine.c").write_text(source)
    done = limited(
        "hunt", "mine.c", "--budget", "1s", env={"XDG_CACHE_HOME": str(full_disk / "cache")}
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "space" in one_line(done).lower()
    assert not list(full_disk.rglob("*.so"))


def test_two_hunts_at_once_are_refused_in_one_line(limited):
    script = """
import threading, pyharness
running = threading.Event()
first = threading.Thread(
    target=pyharness.hunt,
    args=("specref",),
    kwargs={"budget": 2.0, "progress": lambda tick: running.set()},
)
first.start()
running.wait(60)
try:
    pyharness.hunt("specref", budget=0.2)
except pyharness.UsageError as error:
    print(error)
first.join()
"""
    done = limited(script=script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["another hunt is running in this process; wait for its end"]


def test_a_large_state_is_hunted_in_small_batches(limited, tmp_path):
    (tmp_path / "large.c").write_text(
        "#include <kapi.h>\nstruct state { atomic_t n; char large[1 << 20]; };\n"
        "ACTOR(one) { atomic_inc(&s->n); return 0; }\nINIT { }\nCHECK { return 0; }\n"
        'OUTCOMES { OK("over", "it ended") };\nSCENARIO(large, "a state of 1 MiB", one);\n'
    )
    limits = [(resource.RLIMIT_AS, 3 << 30)]
    done = limited("hunt", "large.c", "--budget", "8s", "--json", limits=limits)
    assert done.returncode in (0, 6), done.stderr
    assert json.loads(done.stdout)["results"][0]["samples"] > 0
