"""What charts say is what was measured; colours can be read; drawings stand among others."""

import re
from xml.etree import ElementTree

import pytest
import sample

from pyharness.bench.results import Histogram
from pyharness.report import bench_charts, host_charts, palette, remap_charts
from pyharness.report.charts import LineChart, Slugs
from pyharness.report.documents import HandoffFact
from pyharness.report.draw import png, svg
from pyharness.report.measured import Measured

ROWS = [Measured("one", m) for m in sample.bench_report().results]


def chart(charts, title):
    return next(c for c in charts if title in c.title)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_marks_stand_out_enough(theme):
    colours = palette.THEMES[theme]
    for above, below in palette.TEXT_PAIRS:
        assert palette.contrast(colours[above], colours[below]) >= 4.5, (above, below)
    for above, below in palette.MARK_PAIRS:
        assert palette.contrast(colours[above], colours[below]) >= 3, (above, below)
    darkest = palette.blend(colours["heat"], colours["card"], palette.HEAT_MOST)
    assert palette.contrast(colours["ink"], darkest) >= 4.5
    assert palette.contrast(colours["ink"], colours["bad-wash"]) >= 4.5  # a marked step


def test_contrast_is_that_of_the_standard():
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_contention_has_a_curve_for_each_and_an_ideal_from_the_fastest():
    charts = bench_charts.contention(ROWS, Slugs())
    cost = chart(charts, "atomics: cost")
    assert [s.label for s in cost.series] == ["xadd", "add_unless", "cmpxchg", "get_put", "rcuref"]
    assert [(p.x, round(p.y, 1)) for p in cost.series[0].points] == [(1, 5.2), (2, 21.8), (4, 49.9)]
    assert all(p.low < p.y < p.high for s in cost.series for p in s.points)
    assert cost.ideal is not None
    assert cost.ideal[1] == ((1.0, 5.2), (2.0, 5.2), (4.0, 5.2))
    total = chart(charts, "atomics: throughput")
    assert total.ideal[1][2][1] == pytest.approx(4e3 / 5.2)
    hollow = [(s.label, p.x) for s in cost.series for p in s.points if not p.solid]
    assert hollow == [("cmpxchg", 4)]


def test_paced_measurements_are_no_contention_curve():
    for c in bench_charts.contention(ROWS, Slugs()):
        assert all(len({p.x for p in s.points}) == len(s.points) for s in c.series)


def test_paced_sweep_is_what_contention_adds_in_line_transfers():
    (found,) = host_charts.paced(ROWS, Slugs())
    (series,) = found.series
    assert [round(p.x, 3) for p in series.points] == [0, 0.5, 1, 2, 4, 7, 10]
    assert series.points[0].y == pytest.approx(0.12)
    assert series.points[-1].y == pytest.approx(0.96, abs=0.001)


def test_a_paced_sweep_without_a_thread_alone_has_no_baseline_and_no_chart():
    assert host_charts.paced([x for x in ROWS if x.m.threads > 1], Slugs()) == []


def test_remap_shows_the_remapper_beside_what_readers_lost():
    remapper, readers, alone = remap_charts.remap_costs(ROWS, Slugs())
    assert "no reader" in alone.title
    assert [b.label for b in remapper.bars] == [b.label for b in readers.bars]
    assert [b.label for b in remapper.bars][-1] == "bbm guard=futex"
    assert [b.value for b in remapper.bars] == sorted(b.value for b in remapper.bars)
    bbm = readers.bars[-1]
    assert bbm.value == pytest.approx(51_400 * 0.52)
    assert bbm.rare == pytest.approx(51_400 * 2.2)
    assert "-52 %" in bbm.text


def test_percentiles_follow_the_counts():
    histogram = Histogram([0, 100, 1000], [90, 9, 1], 50)
    points = bench_charts.percentile_points(histogram)
    assert [round(p.x, 3) for p in points] == [1.0, 2.0, pytest.approx(2.301)]
    assert [p.y for p in points] == [50, 100, 1000]  # below the clock's steps: its upper end


def test_the_map_has_the_median_of_every_look():
    facts = [HandoffFact((0, 2), 40.0), HandoffFact((2, 0), 60.0), HandoffFact((1, 2), None)]
    found = host_charts.handoffs(ROWS, facts, Slugs())
    assert found.labels == ("0", "1", "2")
    assert found.values[0][2] == found.values[2][0] == 50
    assert found.values[1][2] is None
    assert found.values[0][0] is None
    assert found.values[0][1] == pytest.approx(sample.HANDOFF + 0.5)
    assert host_charts.handoffs([], [], Slugs()) is None


def test_more_curves_than_colours_make_more_charts():
    many = [
        Measured("one", sample.measurement("atomics", f"op{i}", 5.0 + i, n))
        for i in range(palette.SERIES * 2 + 1)
        for n in (1, 2)
    ]
    charts = [c for c in bench_charts.contention(many, Slugs()) if "cost" in c.title]
    assert len(charts) == 3
    assert sum(len(c.series) for c in charts) == palette.SERIES * 2 + 1
    assert len({c.slug for c in charts}) == 3


def test_a_drawing_keeps_text_as_text_and_names_its_colours():
    (found,) = host_charts.paced(ROWS, Slugs())
    drawn = svg(found, "what it shows")
    root = ElementTree.fromstring(drawn)
    assert "".join(root[0].itertext()) == found.title
    assert "".join(root[1].itertext()) == "what it shows"
    texts = {"".join(e.itertext()).strip() for e in root.iter() if e.tag.endswith("text")}
    assert {found.x_label, found.y_label, "10"} <= texts
    assert "var(--series-0)" in drawn
    assert not re.search(r"#[0-9a-f]{6}\b", drawn)  # every colour belongs to the theme
    assert "http" not in drawn
    assert "font-family" not in drawn


def test_ids_of_two_drawings_do_not_meet():
    slugs = Slugs()
    a, b = (svg(host_charts.paced(ROWS, slugs)[0], "") for _ in range(2))
    ids = re.findall(r'\bid="([^"]*)"', a + b)
    assert len(ids) == len(set(ids))
    for name in re.findall(r"(?:url\(|href=\"|labelledby=\")#?([\w-]+)", a + b):
        assert name in ids


def test_a_label_with_dollars_and_tags_is_drawn_as_it_is():
    rows = [
        Measured("one", sample.measurement("atomics", "$x^{<b>&$", 5.0, n)) for n in (1, 2)
    ]
    found = bench_charts.contention(rows, Slugs())[0]
    assert found.series[0].label == "$x^{<b>&$"
    ElementTree.fromstring(svg(found, found.series[0].label))
    assert png(found).startswith(b"\x89PNG")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0, -5.0])
def test_figures_that_are_none_are_left_out(value):
    rows = [Measured("one", sample.measurement("atomics", "xadd", 5.0, n)) for n in (1, 2)]
    rows[1].m.metrics["ns_per_op"] = value
    for found in bench_charts.contention(rows, Slugs()):
        assert isinstance(found, LineChart)
        svg(found, "")
