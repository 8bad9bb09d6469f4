"""Python and command-line processes of their own, because most of these tests end them."""

import os
import resource
import subprocess
import sys

import pytest

OTHERS = ("VMEMSTRESS_", "XDG_CACHE_HOME", "XDG_STATE_HOME", "TMPDIR")


@pytest.fixture
def environment(tmp_path):
    """No settings of the caller's; a cache and a place for temporary files of the test's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OTHERS)}
    places = {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TMPDIR": str(tmp_path),
    }
    return {**kept, **places, "COLUMNS": "200"}


@pytest.fixture
def limited(environment, tmp_path):
    """Run `vmemstress ARGS` (or python -c SCRIPT) under resource limits and on given CPUs."""

    def run(*args, script=None, limits=(), cpus=None, env=None, timeout=90):
        def before():
            if cpus:
                os.sched_setaffinity(0, cpus)
            for what, soft in limits:
                resource.setrlimit(what, (soft, soft))

        command = ["-c", script] if script else ["-P", "-m", "pyharness"]
        return subprocess.run(
            [sys.executable, *command, *map(str, args)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**environment, **(env or {})},
            preexec_fn=before,
            timeout=timeout,
        )

    return run


@pytest.fixture
def start(environment, tmp_path):
    """Start `vmemstress ARGS`; whatever is left of it is killed with the test."""
    started = []

    def run(*args):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pyharness", *map(str, args)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def full_disk(tmp_path):
    """A file system without room for one more block."""
    place = tmp_path / "full"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(place)]
    subprocess.run(mount, check=True)
    with open(place / "ballast", "wb", buffering=0) as stream:
        try:
            while stream.write(b"x" * 4096):
                pass
        except OSError:
            pass
    yield place
    subprocess.run(["umount", str(place)], check=True)
