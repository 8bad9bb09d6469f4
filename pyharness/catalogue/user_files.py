"""A scenario of the user's: compile a C file once, keep it in the cache, load it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
from importlib import resources
from pathlib import Path

from pyharness import _lib
from pyharness._lib.scenario import Scenario
from pyharness.catalogue import user_state as plugin_state
from pyharness.catalogue import vocabulary
from pyharness.errors import BuildError, ScenarioError, UnsupportedHere, UsageError, nearest, quote

# The one command line that a scenario is compiled with, and of each of its builds the
# machine, whose headers it includes, and what it adds: for real threads without
# preemption points and with them, and for the search.
FLAGS = (
    "-O2", "-g", "-std=gnu11", "-shared", "-fPIC", "-DKAPI_PLUGIN",
    # a name that nobody defines would be found out by the loader, without its line, and an
    # atomic64_t taken for an atomic_t by nobody
    "-Werror=implicit-function-declaration", "-Werror=incompatible-pointer-types",
)  # fmt: skip
BUILDS = {
    "plain": ("native", ()),
    "points": ("native", ("-DNATIVE_POINTS",)),
    "model": ("model", ()),
}
# aarch64: a file is built for LL/SC, and again for LSE where the CPU has it.
LSE = ("-DARCH_LSE", "-march=armv8.1-a")
_TIMEOUT = 120.0
_ERROR_LINE = re.compile(
    r"^(?P<at>[^\s:][^:\n]*:\d+(?::\d+)?): (?:fatal )?error: (?P<text>.*)$", re.M
)
# A name that nobody defines, as gcc and clang say it.
_UNDEFINED = re.compile(
    r"undeclared identifier '(\w+)'|'(\w+)' undeclared|unknown type name '(\w+)'|"
    r"implicit declaration of function '(\w+)'|call to undeclared function '(\w+)'|"
    r"field '\w+' has incomplete type(?: 'struct (\w+)')?"
)
# What the parts of a scenario are called behind its macros (kapi/scenario.h).
_PARTS = {
    "kapi_init_once": "INIT { ... }",
    "kapi_check_once": "CHECK { ... return outcome; }",
    "kapi_outcomes": 'OUTCOMES { OK("name", "sentence"), ... };',
}


def include_dir() -> Path:
    """The folder of the C headers: the installed ones, else those of the source tree."""
    installed = resources.files("pyharness") / "include" / "api.h"
    # The folder of an editable install is virtual, a file in it is real.
    if installed.is_file():
        return Path(str(installed)).parent
    tree = Path(__file__).resolve().parents[2] / "csrc"
    if (tree / "api.h").is_file():
        return tree
    raise UnsupportedHere("the C headers are not installed with the package; reinstall it")


def compiler() -> list[str]:
    """The compiler's command: $CC, else the one that built Python, else cc."""
    wanted = os.environ.get("CC")
    for text in (wanted, None if wanted else sysconfig.get_config_var("CC"), "cc", "gcc"):
        try:
            words = shlex.split(text) if text else []
        except ValueError as exc:
            raise UsageError(f"CC: {quote(text)} is no command: {exc}") from None
        if words and shutil.which(words[0]):
            return words
        if words and text == wanted:
            raise UnsupportedHere(f"CC names {quote(words[0])}, which is not installed")
    raise UnsupportedHere("no C compiler found; install gcc (apt install gcc) or set CC")


def cache_root() -> Path:
    """Where compiled scenarios are kept: $XDG_CACHE_HOME/vmemstress/scenarios."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / "vmemstress" / "scenarios"


def _run(command: list[str], what: str) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "LC_ALL": "C"}
    try:
        return subprocess.run(
            command, capture_output=True, timeout=_TIMEOUT, env=env, stdin=subprocess.DEVNULL
        )
    except OSError as exc:
        raise UnsupportedHere(f"cannot run {quote(command[0])}: {exc.strerror}") from None
    except subprocess.TimeoutExpired:
        raise BuildError(f"{what}: the compiler took more than {_TIMEOUT:.0f} s") from None


def cache_key(path: Path, source: bytes, command: list[str], flags: list[str]) -> str:
    """The key of a build: preprocessed source, compiler version, flags and machine.

    The preprocessed text holds every header, the user's own included.
    """
    version = _run([*command, "-v"], "cc -v")
    expanded = _run([*command, *flags, "-E", _argument(path)], str(path))
    if expanded.returncode:
        raise _explain(path, expanded.stderr.decode(errors="replace"))
    digest = hashlib.blake2b(digest_size=20)
    parts = [source, expanded.stdout, version.stderr + version.stdout]
    parts.append(
        "\0".join((*command, *flags, str(path), platform.machine())).encode(errors="replace")
    )
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def _argument(path: Path) -> str:
    """The file as an argument of the compiler, which takes -x.c for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            # it is read several times, and a pipe only once
            raise ScenarioError(f"cannot read {quote(path)}: no ordinary file")
        text = path.read_bytes()
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        beside = []
        if isinstance(exc, FileNotFoundError) and path.parent.is_dir():
            beside = [p.name for p in path.parent.glob("*.c")]
        hint = f"; {nearest(path.name, beside)}" if beside else ""
        raise ScenarioError(f"cannot read {quote(path)}: {reason}{hint}") from None
    if path.suffix != ".c":
        raise ScenarioError(f"{quote(path)} is no C file; a scenario of yours ends in .c")
    return text


def _explain(path: Path, output: str) -> BuildError:
    """The first error with the user's own file:line; the rest is in `detail`."""
    errors = list(_ERROR_LINE.finditer(output))
    if not errors:
        lines = [line for line in output.splitlines() if line.strip()]
        reason = lines[-1].strip() if lines else "the compiler said nothing"
        return BuildError(f"cannot compile {path}: {reason}", detail=output)
    ends = [e.start() for e in errors[1:]] + [len(output)]
    parts = (output[e.start() : end] for e, end in zip(errors, ends, strict=True))
    told = [(_own_place(path, part), e) for part, e in zip(parts, errors, strict=True)]
    at, first = next((pair for pair in told if pair[0]), told[0])
    # what a machine refuses is found out in a function that the user's was inlined from
    inlined = re.search(rf"inlined from '[^']*' at ({re.escape(str(path))}:\d+(?::\d+)?)", output)
    at = at or (inlined[1] if inlined else None)
    more = len(errors) - 1
    tail = f" (and {more} more; -v shows all)" if more else ""
    return BuildError(f"{at or first['at']}: {_reason(first['text'])}{tail}", detail=output)


def _own_place(path: Path, text: str) -> str | None:
    """Where in the user's file an error is: itself, or the macro there that led to it."""
    name = re.escape(str(path))
    found = re.search(rf"^{name}:\d+(?::\d+)?(?=: (?:error|fatal|note))", text, re.M)
    return found[0] if found else None


def _reason(text: str) -> str:
    """The compiler's words, or what they mean where a part of the scenario is missing."""
    if re.search(r"(incomplete|undefined)\b.* type 'struct state'", text):
        return "there is no struct state { ... }"
    undefined = _UNDEFINED.search(text)
    name = next(filter(None, undefined.groups())) if undefined else ""
    if name in _PARTS:
        return f"the scenario has no {_PARTS[name]}"
    if name in ("_once", "_loop"):
        return 'SCENARIO names no actor; its form is SCENARIO(ident, "one line", actor, ...)'
    if name.endswith(("_once", "_loop")):
        return f"SCENARIO names the actor {name[:-5]}, and there is no ACTOR({name[:-5]}) {{ ... }}"
    if name:
        hint = vocabulary.missing(name, include_dir())
        meant = re.search(r"did you mean '(\w+)'", text)
        if not hint and meant:
            hint = f"nearest: {meant[1]}"
        told = f"{quote(name)} is no word of the vocabulary and not defined here"
        return f"{told}; {hint}" if hint else told
    counter = re.search(r"of '?kapi_(atomic(?:64)?)_\w+'? from incompatible pointer type", text)
    if counter:
        return f"this word takes an {counter[1]}_t *, and was given a pointer to another type"
    refused = re.search(r"declared with attribute error: (.*)$", text)
    return refused[1] if refused else re.sub(r" \[-W[^]]*\]$", "", text)


def build(path: Path, atomics: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """The builds of a scenario file in the order of BUILDS, from the cache if they are there.

    With `atomics`, the flags of the architecture's other atomics as LSE, those for real
    threads alone: the search knows no instructions.

    BuildError with the compiler's first message when it does not compile,
    UnsupportedHere without a compiler or a writable cache.
    """
    source, command = _read(path), compiler()
    include = include_dir()
    flags = {
        machine: [*FLAGS, *atomics, f"-I{include}", f"-I{include / machine}"]
        for machine in ("native", "model")
    }
    keys = "-".join(cache_key(path, source, command, flags[m])[:20] for m in flags)
    return tuple(
        _build_one(path, [*command, *flags[machine], *extra], cache_root() / keys / f"{name}.so")
        for name, (machine, extra) in BUILDS.items()
        if machine == "native" or not atomics
    )


def _build_one(path: Path, command: list[str], target: Path) -> Path:
    """Compile to `target` by way of a temporary file: another process may build the same."""
    if target.is_file():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the rename is atomic.
        handle, name = tempfile.mkstemp(suffix=".tmp", dir=target.parent)
        os.close(handle)
    except OSError as exc:
        raise UnsupportedHere(
            f"cannot write the cache {target.parent}: {exc.strerror}; set XDG_CACHE_HOME"
        ) from None
    try:
        done = _run([*command, "-o", name, _argument(path)], str(path))
        if b"No space left on device" in done.stderr:
            raise UnsupportedHere(
                f"cannot write the cache {target.parent}: no space left on device; "
                "set XDG_CACHE_HOME"
            )
        if done.returncode:
            raise _explain(path, done.stderr.decode(errors="replace"))
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            target.parent.rmdir()  # only when empty: nothing was built
    return target


def load(path: Path) -> Scenario:
    """The user's scenario, compiled when needed; ScenarioError when the core refuses it."""
    builds = build(path)
    lse = build(path, LSE) if _lib.host().lse else ()
    try:
        scenario = _lib.load_scenario(*builds, lse=lse)
    except UsageError as exc:
        text = str(exc)
        for each in (*builds, *lse):
            text = text.replace(str(each), str(path))
        raise ScenarioError(text) from None
    _refuse_state(path, builds[list(BUILDS).index("model")])
    return scenario


def _refuse_state(path: Path, shared: Path) -> None:
    """Nothing escapes the search, and a static variable would: told with name and line."""
    names = plugin_state.writable(shared, path.name)
    if not names:
        return
    include = include_dir()
    flags = [*FLAGS, f"-I{include}", f"-I{include / 'model'}"]
    expanded = _run([*compiler(), *flags, "-E", _argument(path)], str(path))
    text = expanded.stdout.decode(errors="replace")
    at = plugin_state.declared(names[0], text, include) or str(path)
    more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    raise ScenarioError(
        f"{at}: the variable {quote(names[0])}{more} is outside of struct state, where no "
        "search sees it; keep it in struct state, or make it const"
    )


def source_digest(path: Path) -> str:
    """What a token says of a scenario file, so that another text is refused."""
    return hashlib.blake2b(_read(path), digest_size=8).hexdigest()


def source_line(shared: str, offset: int) -> tuple[str, int] | None:
    """File and line of an instruction, by addr2line of the binutils; None without them."""
    tool = shutil.which("addr2line")
    if not tool or not shared:
        return None
    done = _run([tool, "-e", shared, hex(offset)], "addr2line")
    file, _, line = done.stdout.decode(errors="replace").split("\n")[0].rpartition(":")
    digits = line.split(" ")[0]
    return (file, int(digits)) if file and digits.isdecimal() and int(digits) else None
