"""The text of `bench`: one compact table a group, and what its figures mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pyharness.bench.results import BenchReport, Measurement
from pyharness.output.console import Printer
from pyharness.output.tables import Column, Table, paragraph
from pyharness.output.units import seconds_text

_STYLES = {"valid": "", "contaminated": "interesting", "inconclusive": "dim", "void": "forbidden"}
_NUMBER = re.compile(r"\d+(\.\d+)?")
_REASONS = 4
_NOTHING = ("", "-", "0", "0 B")
_NOTES = {
    "atomics": (
        "NS/OP is a thread's time for one operation, counted in a tight loop. There a core does "
        "many operations on a line before it loses it (run length), so the figure hides most of "
        "a line transfer: it is the batching limit. --sweep pace=0..10x puts work between the "
        "operations and shows what contention really costs."
    ),
    "lookup": (
        "NS/OP is a reader's time for one lookup and put. With pace=N a lookup is meant to begin "
        "each N ns and its time runs from there, so that none hides behind the one before; back "
        "to back only sixteen lookups that took a microsecond or more are counted, as a stall."
    ),
    "remap": (
        "TIME/OP is the remapper's. READERS is what they did meanwhile (row none: undisturbed), "
        "LOSS the part of their time that went into stalls, sixteen accesses that took a "
        "microsecond or more. A reader that sleeps costs the remapper no interrupt, so look at "
        "both. Faults and interrupts are per operation."
    ),
    "grace": (
        "TIME/OP is for one folio; a batch waits for one grace period, of which P50 to MAX tell, "
        "for all its folios."
    ),
    "harness": (
        "Ratio: ours to the plain loop of a C programmer, in turn in windows of a few "
        "milliseconds; the interval holds the median 19 times of 20. Pairs in which a thread "
        "had to share its CPU, or the host moved one, are dropped."
    ),
}


def ns_text(ns: float | None) -> str:
    """A time in three digits with its unit: `5.17 ns`, `34.7 us`, `1.20 ms`; `-` for none."""
    if ns is None:
        return "-"
    for limit, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if abs(ns) >= limit:
            return f"{ns / limit:.3g} {unit}"
    return f"{ns:.3g} ns"


def rate_text(per_s: float | None) -> str:
    """Operations a second, in three digits with k/s or M/s."""
    if per_s is None:
        return "-"
    for limit, unit in ((1e9, "G/s"), (1e6, "M/s"), (1e3, "k/s")):
        if per_s >= limit:
            return f"{per_s / limit:.3g} {unit}"
    return f"{per_s:.3g} /s"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}%"


def _bytes(value: float | None) -> str:
    if value is None:
        return "-"
    for limit, unit in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if value >= limit:
            return f"{value / limit:.3g} {unit}"
    return f"{value:.0f} B"


Cell = Callable[[Measurement], str]


def _metric(name: str, write: Callable[[float | None], str] = _plain) -> Cell:
    return lambda m: write(m.metrics.get(name))


def _percentile(name: str) -> Cell:
    """A percentile; `<50 ns` where the clock's step hides it."""

    def cell(m: Measurement) -> str:
        value = m.metrics.get(name)
        stem = name.removesuffix("_ns").rpartition("_")[0]
        histogram = m.histograms.get(f"{stem}_ns")
        if value is not None and histogram and 0 < value <= histogram.merged_below_ns:
            return f"<{histogram.merged_below_ns} ns"
        return ns_text(value)

    return cell


def _settings(m: Measurement) -> str:
    transfers = m.metrics.get("pace_handoffs")
    words = [
        f"{k}={v}" if transfers is None or not k.startswith("pace") else f"{k}={transfers:g}x"
        for k, v in m.settings.items()
    ]
    return " ".join(([m.regime] if m.regime else []) + words)


def _ratio(m: Measurement) -> str:
    return "-" if m.ratio is None else f"{m.ratio:.4f}"


def _interval(m: Measurement) -> str:
    low, high = m.metrics.get("ratio_low"), m.metrics.get("ratio_high")
    return "-" if low is None or high is None else f"{low:.4f} to {high:.4f}"


_NAME: list[tuple[str, Cell]] = [
    ("BENCHMARK", lambda m: m.name),
    ("SETTINGS", _settings),
    ("THR", lambda m: str(m.threads)),
]
_COLUMNS: dict[str, list[tuple[str, Cell]]] = {
    "atomics": [
        ("VARIANT", lambda m: m.variant),
        ("NS/OP", _metric("ns_per_op", ns_text)),
        ("CPU/OP", _metric("cpu_ns_per_op", ns_text)),
        ("ALL", _metric("ops_per_s", rate_text)),
        ("SPREAD", _metric("spread", _share)),
        ("CONTENTION", _metric("contention_ns", ns_text)),
        ("RETRIES/OP", _metric("retries_per_op")),
        ("RUN", _metric("run_length")),
        ("FAIR", _metric("fairness")),
        ("HANDOFF", _metric("handoff_ns", ns_text)),
    ],
    "lookup": [
        ("NS/OP", _metric("ns_per_op", ns_text)),
        ("ALL", _metric("ops_per_s", rate_text)),
        ("TIMED/S", _metric("stalls_per_s", rate_text)),
        ("P50", _percentile("stall_p50_ns")),
        ("P99", _percentile("stall_p99_ns")),
        ("P99.9", _percentile("stall_p999_ns")),
        ("MAX", _percentile("stall_max_ns")),
        ("REMAPS", _metric("remapper_ops_per_s", rate_text)),
        ("HANDOFF", _metric("handoff_ns", ns_text)),
    ],
    "remap": [
        ("TIME/OP", _metric("ns_per_op", ns_text)),
        ("P50", _percentile("remap_p50_ns")),
        ("P99", _percentile("remap_p99_ns")),
        ("READERS", _metric("reader_ops_per_s", rate_text)),
        ("LOSS", _metric("reader_loss", _share)),
        ("FAULTS", _metric("faults_per_op")),
        ("TLB", _metric("tlb_interrupts_per_op")),
        ("CALL", _metric("call_interrupts_per_op")),
        ("RESCHED", _metric("reschedule_interrupts_per_op")),
        ("SAVED", _metric("saved_bytes_per_op", _bytes)),
    ],
    "grace": [
        ("TIME/OP", _metric("ns_per_op", ns_text)),
        ("READERS", _metric("reader_ops_per_s", rate_text)),
        ("P50", _percentile("grace_p50_ns")),
        ("P99", _percentile("grace_p99_ns")),
        ("MAX", _percentile("grace_max_ns")),
    ],
    "harness": [
        ("RATIO", _ratio),
        ("INTERVAL", _interval),
        ("NS/OP", _metric("ns_per_op", ns_text)),
        ("BARE", _metric("bare_ns_per_op", ns_text)),
        ("PAIRS", _metric("pairs", _count)),
        ("DROPPED", _metric("dropped_pairs", _count)),
        ("SKEW P50", _percentile("skew_p50_ns")),
        ("P99", _percentile("skew_p99_ns")),
        ("MAX", _percentile("skew_max_ns")),
    ],
}


def _table(group: str, rows: Sequence[Measurement]) -> Table:
    """The group's table; a column that says nothing is left out."""
    wanted = [*_NAME, *_COLUMNS.get(group, _COLUMNS["atomics"]), ("", _validity)]
    cells = [[cell(m) for _, cell in wanted] for m in rows]
    kept = [
        i
        for i, (title, _) in enumerate(wanted)
        if title == "BENCHMARK" or any(row[i] not in _NOTHING for row in cells)
    ]
    text = {"BENCHMARK", "SETTINGS", "VARIANT", ""}
    table = Table([Column(wanted[i][0], right=wanted[i][0] not in text) for i in kept])
    for m, row in zip(rows, cells, strict=True):
        table.add(*(row[i] for i in kept), style=_STYLES.get(m.validity, ""))
    return table


def _validity(m: Measurement) -> str:
    return "" if m.validity == "valid" else m.validity


def _reasons(rows: Sequence[Measurement]) -> list[str]:
    """Each thing that is to be said of a figure once, with how many rows it concerns.

    Texts that differ in their numbers only are one; the first stands for all.
    """
    found: dict[str, list[str]] = {}
    for m in rows:
        texts = [f"{m.validity}: {m.reason}"] if m.reason else []
        if m.instruction and "NOT in the loop" in m.instruction:
            texts.append(f"{m.title} ({m.variant}): {m.instruction}")
        for text in texts:
            found.setdefault(_NUMBER.sub("#", text), []).append(text)
    most = sorted(found.values(), key=len, reverse=True)
    shown = [f"{t[0]} ({len(t)} rows alike)" if len(t) > 1 else t[0] for t in most[:_REASONS]]
    more = len(most) - _REASONS
    return shown + ([f"... and {more} more; --json has them all"] if more > 0 else [])


def _checked(rows: Sequence[Measurement]) -> str | None:
    said = [m.instruction for m in rows if m.instruction]
    good = sum(text.endswith(": in the loop") for text in said)
    if not said:
        return None
    open_ = next((text for text in said if "not checked" in text), None)
    tail = f"; {open_}" if open_ else ""
    return f"disassembled: {good} of {len(said)} have the claimed instruction in the loop{tail}"


def print_group(printer: Printer, group: str, rows: Sequence[Measurement]) -> None:
    """One group: table, notes, reasons."""
    printer.line(group, "bold")
    printer.table(_table(group, rows))
    for text in (*_reasons(rows), _checked(rows), _NOTES.get(group)):
        if text:
            printer.line(paragraph(text), "dim")
    printer.line()


def print_environment(printer: Printer, report: BenchReport) -> None:
    """Where it was measured, in two lines."""
    e = report.environment

    def part(key: str, label: str, write: Callable[[float], str]) -> str:
        return f"{label} {write(e[key])}" if e.get(key) is not None else f"{label} -"

    printer.line(
        f"{e['cpu']}; CPUs {e['cpus']}; {e['virtualisation']}; Linux {report.host['kernel']}; "
        f"load {_plain(e.get('load_average'))}"
    )
    probes = (
        part("clock_step_ns", "clock step", ns_text),
        part("system_call_ns", "system call", ns_text),
        part("interrupt_ns", "interrupt", ns_text),
        part("handoff_ns", "hand-off", ns_text),
    )
    printer.line("; ".join(probes))
    printer.line()


def print_report(printer: Printer, report: BenchReport) -> None:
    """The whole report as text."""
    print_environment(printer, report)
    for group in dict.fromkeys(m.group for m in report.results):
        print_group(printer, group, [m for m in report.results if m.group == group])
    counts = [(v, sum(m.validity == v for m in report.results)) for v in _STYLES]
    judged = ", ".join(f"{n} {v}" for v, n in counts if n)
    end = "interrupted; " if report.interrupted else ""
    printer.line(
        f"{end}{len(report.results)} measured: {judged or 'none'}; "
        f"{seconds_text(report.seconds)}; seed {report.seed}"
    )
