"""A benchmark of the core over its repetitions: each a window, judged by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from pyharness._lib.loop_types import LoopConfig, LoopInfo, LoopThread
from pyharness.bench import disassembly
from pyharness.bench.histogram import add, percentiles
from pyharness.bench.judge import Probes, at_full_speed, choose, judge_window
from pyharness.bench.metrics import subjects, summary, window_metrics
from pyharness.bench.pace import transfer_ns, units_of
from pyharness.bench.results import Histogram, Measurement, Repetition, ThreadShare
from pyharness.bench.select import Benchmark, check_number, index_values
from pyharness.bench.session import Session, Window
from pyharness.bench.sweep import Multiple

_COUNT = "count"  # the setting that makes a loop count runs
_SHORT_NS = 10_000_000


def role_name(loop: LoopInfo, role: int) -> str:
    """`worker` where all threads are alike, else `reader` or `remapper`."""
    if role == 1:
        return "remapper"
    return "reader" if loop.roles == 2 else "worker"


def share_of(loop: LoopInfo, thread: LoopThread) -> ThreadShare:
    """The thread's part of the window as it is reported."""
    return ThreadShare(
        *(thread.cpu, role_name(loop, thread.role), thread.operations, thread.retries),
        *(thread.refused, thread.runs, thread.longest_run, thread.wall_ns, thread.cpu_ns),
        *(thread.longest_gap_ns, thread.voluntary, thread.involuntary, thread.migrated),
    )


def make_repetition(
    loop: LoopInfo,
    cpus: Sequence[int],
    window: Window,
    probes: Probes,
    *,
    clock_step_ns: float,
    emulated: bool,
) -> Repetition:
    """The record of one window; a void one has no figures."""
    if window.void:
        validity, reason = "void", window.void
    else:
        validity, reason = judge_window(
            window.threads, cpus, probes, clock_step_ns=clock_step_ns, emulated=emulated
        )
    about = subjects(loop, window.threads)
    metrics: dict[str, float] = {}
    if not window.void:
        metrics = window_metrics(loop, window.threads, window.counters, window.histograms)
    return Repetition(
        seconds=max((t.wall_ns for t in about), default=0) / 1e9,
        operations=sum(t.operations for t in about),
        ns_per_op=metrics.get("ns_per_op", 0.0),
        cpu_ns_per_op=metrics.get("cpu_ns_per_op", 0.0),
        validity=validity,
        reason=reason,
        handoff_before_ns=probes.before_ns,
        handoff_after_ns=probes.after_ns,
        yardstick_ns=probes.yardstick_ns,
        counters=dict(window.counters),
        threads=[share_of(loop, t) for t in window.threads],
        metrics=metrics,
    )


class WindowTask:
    """Repeats one benchmark, a window each round."""

    def __init__(self, benchmark: Benchmark, session: Session, emulated: bool) -> None:
        self.benchmark = benchmark
        self.title = benchmark.title
        self.rounds = session.options.repetitions
        self._session = session
        self._emulated = emulated
        self._cpus = session.place(benchmark.threads)
        self._settled: Benchmark | None = None  # once line transfers are numbers
        self._repetitions: list[Repetition] = []
        self._histograms: list[dict[str, Histogram]] = []

    @property
    def empty(self) -> bool:
        """Whether no window has ended yet."""
        return not self._repetitions

    @property
    def missing(self) -> int:
        """How many windows it takes until as many as were asked for are valid, and made
        at the greatest speed that the host had more than once."""
        valid = [r for r in self._repetitions if r.validity == "valid"]
        quick = at_full_speed(valid, enough=2)  # once may be a moment of a higher clock
        return max(0, self.rounds - (len(quick[0]) if quick else 0))

    @property
    def repetitions(self) -> Sequence[Repetition]:
        """The windows that ended so far."""
        return self._repetitions

    @property
    def _ready(self) -> Benchmark:
        """The benchmark with line transfers turned into numbers, by probes made once."""
        if self._settled is None:
            self._settled = self._settle()
        return self._settled

    def _settle(self) -> Benchmark:
        shown = dict(self.benchmark.shown)
        multiples = {k: v for k, v in shown.items() if isinstance(v, Multiple)}
        if not multiples:
            return self.benchmark
        loop = self.benchmark.loop
        for name, multiple in multiples.items():
            setting = loop.setting(name)
            assert setting is not None
            # One thread is paced as the pair is that it is compared with.
            shown[name] = check_number(
                loop, setting, units_of(self._session, loop, multiple.factor)
            )
        return replace(self.benchmark, shown=shown)

    def _config(self) -> LoopConfig:
        options, benchmark = self._session.options, self._ready
        return LoopConfig(
            loop=benchmark.loop,
            settings=index_values(benchmark),
            knobs=benchmark.knobs,
            cpus=self._cpus,
            atomics=next(v.atomics for v in benchmark.loop.variants if v.name == benchmark.variant),
            realtime=options.realtime,
            warmup_ns=int(options.warmup * 1e9),
            measure_ns=int(options.window * 1e9),
            operations=0,
        )

    def round(self) -> None:
        """One window, with its probes, and a short one that counts runs."""
        window, probes = self._session.probed(self._config())
        found = make_repetition(
            self.benchmark.loop,
            self._cpus,
            window,
            probes,
            clock_step_ns=self._session.clock_step_ns,
            emulated=self._emulated,
        )
        if found.metrics and self._counts_apart:
            found = msgspec.structs.replace(found, metrics=found.metrics | self._runs())
        self._histograms.append(window.histograms)
        self._repetitions.append(found)

    @property
    def _counts_apart(self) -> bool:
        """Whether runs are worth counting, in a window of their own: counting costs time."""
        setting, shown = self.benchmark.loop.setting(_COUNT), self._ready.shown
        paced = any(shown.get(name, 0) != 0 for name in ("pace", "ballast"))
        return (
            setting is not None
            and self.benchmark.threads > 1
            and _COUNT not in shown
            and shown.get("line", "same") == "same"
            and not paced
        )

    def _runs(self) -> dict[str, float]:
        config = self._config()
        loop = config.loop
        place = [s.name for s in loop.settings].index(_COUNT)
        settings = list(config.settings)
        settings[place] = loop.settings[place].choices.index("on")
        short = max(_SHORT_NS, config.measure_ns // 4)
        window = self._session.window(replace(config, settings=tuple(settings), measure_ns=short))
        if window.void:
            return {}
        metrics = window_metrics(loop, window.threads, {}, {})
        return {key: metrics[key] for key in ("run_length", "longest_run") if key in metrics}

    def result(self) -> Measurement:
        """The measurement over the rounds made so far."""
        benchmark, loop = self._ready, self.benchmark.loop
        counted = choose(self._repetitions)
        histograms = self._added(counted.repetitions)
        metrics = summary(counted.repetitions)
        for name, histogram in histograms.items():
            metrics |= percentiles(name, histogram)
        for value in self.benchmark.shown.values():
            if isinstance(value, Multiple):
                metrics["pace_handoffs"] = value.factor
                metrics["pace_target_ns"] = value.factor * transfer_ns(self._session)
        return Measurement(
            group=loop.group,
            name=loop.name,
            threads=benchmark.threads,
            variant=benchmark.variant,
            settings={k: v for k, v in benchmark.shown.items() if not isinstance(v, Multiple)},
            regime=benchmark.regime,
            operation=loop.operation,
            metrics=metrics,
            validity=counted.validity,
            reason=counted.reason,
            repetitions=self._repetitions,
            histograms=histograms,
            instruction=self._instruction(),
        )

    def _added(self, counted: Sequence[Repetition]) -> dict[str, Histogram]:
        chosen = [
            histograms
            for repetition, histograms in zip(self._repetitions, self._histograms, strict=True)
            if any(repetition is c for c in counted)
        ]
        return {name: add([h[name] for h in chosen]) for name in self.benchmark.loop.histograms}

    def _instruction(self) -> str | None:
        values = index_values(self._ready)
        return disassembly.check(self.benchmark.loop.index, self.benchmark.variant, values)
