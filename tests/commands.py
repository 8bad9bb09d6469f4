"""The command as a user runs it: a process of its own."""

import json
import os
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-P", "-m", "pyharness"]


class Done:
    """What a finished command left."""

    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """No settings of the caller's, and a store of the tests' own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VMEMSTRESS_")}
    state = tmp_path_factory.mktemp("state")
    return {**kept, "COLUMNS": "120", "XDG_STATE_HOME": str(state)}


@pytest.fixture
def vms(tmp_path, environment):
    """Run `vmemstress ARGS` in an empty folder."""

    def run(*args, env=None, timeout=60):
        return Done(
            subprocess.run(
                [*COMMAND, *map(str, args)],
                capture_output=True,
                text=True,
                cwd=tmp_path,
                env={**environment, **(env or {})},
                timeout=timeout,
            )
        )

    return run


@pytest.fixture
def launch(tmp_path, environment):
    """Start `vmemstress ARGS` and return the process; it is ended with the test."""
    started = []

    def run(*args, env=None, **given):
        process = subprocess.Popen(
            [*COMMAND, *map(str, args)],
            cwd=tmp_path,
            env={**environment, **(env or {})},
            **given,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
