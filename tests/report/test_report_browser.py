"""The page in chromium: wide and narrow, light and dark. Nothing overflows or leaves it."""

import itertools
import os
from pathlib import Path

import pytest
from browser import browser
from sample import bench_json
from test_report_page import HUNT, REPLAY, VERIFY, made

from pyharness.report import palette

pytestmark = pytest.mark.slow

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def report_file(tmp_path_factory):
    """A report with everything in it."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(made(bench_json(), HUNT, VERIFY, REPLAY)[1], encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Where screenshots go: kept where VMEMSTRESS_SCREENSHOTS says."""
    kept = os.environ.get("VMEMSTRESS_SCREENSHOTS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def rgb(colour):
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def page_colour(window):
    return window.run("return getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize(("size", "scheme"), [*itertools.product(SIZES, ("light", "dark"))])
def test_it_fits_says_nothing_and_asks_for_nothing(report_file, pictures, tmp_path, size, scheme):
    with browser(tmp_path / "profile", *SIZES[size], scheme) as window:
        window.open(report_file)
        window.run("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert window.needed() == SIZES[size][0]
        assert window.outside() == []
        assert page_colour(window) == rgb(palette.THEMES[scheme]["page"])
        picture = pictures / f"{size}-{scheme}.png"
        window.screenshot(picture, whole=True)
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size > 50_000
        assert window.complaints() == []
        assert window.requests() == [report_file.resolve().as_uri()]


def test_overflow_would_be_seen(report_file, tmp_path):
    """The check that finds nothing above finds what is planted."""
    with browser(tmp_path / "profile", *SIZES["phone"], "light") as window:
        window.open(report_file)
        window.run(
            "const p = document.createElement('p'); p.style.width = '900px'; p.className = 'big';"
            "p.textContent = 'wide'; document.querySelector('main').append(p)"
        )
        assert window.needed() > 900
        assert any("P.big" in line for line in window.outside())


def test_the_switch_works_from_the_keyboard_and_recolours_the_drawings(report_file, tmp_path):
    from selenium.webdriver.common.keys import Keys

    with browser(tmp_path / "profile", *SIZES["desktop"], "light") as window:
        window.open(report_file)
        line = "return getComputedStyle(document.querySelector('svg.chart path[style*=series-0]'))"
        colours = palette.THEMES
        assert window.run(f"{line}.stroke") == rgb(colours["light"]["series-0"])
        body = window.driver.find_element("tag name", "body")
        body.send_keys(Keys.TAB)
        assert window.run("return document.activeElement.className") == "skip"
        window.driver.switch_to.active_element.send_keys(Keys.TAB)
        assert window.run("return document.activeElement.id") == "theme-auto"
        window.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
        window.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
        assert window.run("return document.activeElement.id") == "theme-dark"
        assert page_colour(window) == rgb(colours["dark"]["page"])
        assert window.run(f"{line}.stroke") == rgb(colours["dark"]["series-0"])
        shown = window.run("return document.querySelector('#theme-dark + label').offsetWidth")
        assert shown >= 24  # large enough to be hit


def test_dark_by_preference_can_be_switched_to_light(report_file, tmp_path):
    with browser(tmp_path / "profile", *SIZES["phone"], "dark") as window:
        window.open(report_file)
        assert page_colour(window) == rgb(palette.THEMES["dark"]["page"])
        window.run("document.querySelector('label[for=theme-light]').click()")
        assert page_colour(window) == rgb(palette.THEMES["light"]["page"])


def test_on_paper_it_is_light_and_open(report_file, tmp_path):
    with browser(tmp_path / "profile", *SIZES["desktop"], "dark") as window:
        window.open(report_file)
        window.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        assert page_colour(window) == "rgb(255, 255, 255)"
        navigation = "getComputedStyle(document.querySelector('nav'))"
        assert window.run(f"return {navigation}.display") == "none"
        hidden = window.run(
            "return [...document.querySelectorAll('details table')]"
            ".filter(t => !t.checkVisibility({contentVisibilityAuto: true})).length"
        )
        assert hidden == 0
