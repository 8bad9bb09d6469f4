"""A real browser on a real file: what it draws, asks for, complains of, and where things end."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--allow-file-access-from-files",
)

# Elements that end outside of what shows or scrolls them; drawings count as a whole.
_OUTSIDE = """
const found = [];
const scroller = e => {
  for (let p = e.parentElement; p; p = p.parentElement) {
    const flow = getComputedStyle(p).overflowX;
    if (flow === "auto" || flow === "scroll" || flow === "hidden") return p;
  }
  return null;
};
for (const e of document.body.querySelectorAll("*")) {
  if (e.closest("svg") && e.tagName !== "svg") continue;
  if (e.closest(".unseen, .skip, legend")) continue;
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height) continue;
  const within = scroller(e);
  const right = within
    ? within.getBoundingClientRect().left + within.clientLeft + within.scrollWidth
    : arguments[0];
  if (box.right > right + 1 || (!within && box.left < -1))
    found.push(`${e.tagName}.${e.getAttribute("class")} ends at ${box.right} of ${right}`);
}
return found;
"""


def find(*names: str) -> str:
    """The path of a program. Where it is missing the test is skipped and says what to install;
    with VMEMSTRESS_BROWSER=required, as in .ci/run, it fails."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    missing = f"no {names[0]}: apt install chromium chromium-driver"
    if os.environ.get("VMEMSTRESS_BROWSER") == "required":
        raise AssertionError(missing)
    pytest.skip(missing)


class Browser:
    """One window of one size and colour scheme."""

    def __init__(self, driver: Any, width: int) -> None:
        self.driver = driver
        self.width = width

    def open(self, path: Path) -> None:
        self.driver.get(path.resolve().as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def needed(self) -> int:
        """The width that the document takes, pixels."""
        return int(self.run("return Math.max(document.documentElement.scrollWidth, innerWidth)"))

    def outside(self) -> list[str]:
        return list(self.run(_OUTSIDE, self.width))

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Every address that a page of ours asked for, data: and the browser's own left out."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                sent = message["params"]
                if not sent["documentURL"].startswith(("chrome:", "about:")):
                    found.append(sent["request"]["url"])
        return [url for url in found if not url.startswith("data:")]

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        if whole:
            size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            clip = {"x": 0, "y": 0, "scale": 1, **{k: size[k] for k in ("width", "height")}}
            shot = self.driver.execute_cdp_cmd(
                "Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip}
            )
            path.write_bytes(base64.b64decode(shot["data"]))
        else:
            self.driver.save_screenshot(str(path))


@contextmanager
def browser(profile: Path, width: int, height: int, scheme: str) -> Iterator[Browser]:
    """A window of `width` by `height` pixels that prefers `light` or `dark`."""
    options = Options()
    options.binary_location = find("chromium", "chromium-browser", "google-chrome")
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(find("chromedriver")))
    try:
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        yield Browser(driver, width)
    finally:
        driver.quit()
