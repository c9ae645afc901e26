"""The page as a person meets it: in the distribution's own Chromium, without a network."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from reports import FULL, SQL
from skipping import skipped

from reviewer.findings import Category, Severity, Span
from reviewer.outputs.html import render
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver.chrome.webdriver import WebDriver

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.slow
FINDINGS = tuple(
    replace(
        SQL,
        fingerprint=f"{number:016x}",
        severity=list(Severity)[number % 4],
        category=list(Category)[number % 3],
        span=Span(f"src/part{number}.py", 1, 2),
        title=f"Finding number {number}",
        body="<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    )
    for number in range(12)
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    if not (CHROMIUM and DRIVER):
        skipped("needs chromium and chromedriver (Debian: chromium-driver)")
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--disable-dev-shm-usage",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with Chrome(options=options, service=Service(DRIVER)) as driver:
        yield driver


@pytest.fixture
def opened(browser: WebDriver, tmp_path: Path) -> WebDriver:
    path = tmp_path / "report.html"
    path.write_text(render(replace(FULL, findings=FINDINGS), Look()), encoding="utf-8")
    browser.set_window_size(1_200, 900)
    browser.get(path.as_uri())
    return browser


def shown(browser: WebDriver) -> list[str]:
    return [
        str(card.get_attribute("id"))
        for card in browser.find_elements("css selector", ".findings article")
        if card.is_displayed()
    ]


def test_search_filters_and_reset(opened: WebDriver) -> None:
    from selenium.webdriver.support.select import Select

    assert len(shown(opened)) == 12
    search = opened.find_element("id", "search")
    search.send_keys("NUMBER 7")
    assert shown(opened) == [f"{7:016x}"]
    assert opened.find_element("id", "count").text == "1 of 12 shown"
    search.send_keys(" nowhere")
    assert shown(opened) == []
    assert opened.find_element("id", "none").is_displayed()
    opened.find_element("css selector", "button[type=reset]").click()
    assert len(shown(opened)) == 12
    for box in opened.find_elements("css selector", "[name=severity]")[1:]:
        box.click()
    assert len(shown(opened)) == 3
    Select(opened.find_element("id", "category")).select_by_visible_text("bug")
    assert len(shown(opened)) == 1


def test_a_deep_link_shows_its_finding_even_where_a_filter_hides_it(opened: WebDriver) -> None:
    opened.find_element("id", "search").send_keys("number 3")
    opened.execute_script("location.hash = arguments[0]", f"#{11:016x}")
    assert f"{11:016x}" in shown(opened)
    where = "return document.getElementById(arguments[0]).getBoundingClientRect().top"
    top = opened.execute_script(where, f"{11:016x}")
    assert -1 <= top < 900


def test_no_error_nothing_hostile_runs_nothing_is_fetched(opened: WebDriver) -> None:
    assert opened.title == "Incomplete: 2 files not reviewed as they should have been; 12 findings"
    assert opened.get_log("browser") == []  # type: ignore[no-untyped-call]
    assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0


@pytest.mark.parametrize("width", [360, 1_200])
def test_it_fits_its_window(opened: WebDriver, width: int) -> None:
    """Headless windows cannot be made as narrow as a telephone: the page is asked to lay itself out that wide."""
    opened.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width
    opened.execute_script("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    fits = "return [...document.querySelectorAll('.scroll')].map((each) => each.scrollWidth <= each.clientWidth)"
    assert set(opened.execute_script(fits)) == {True}, "a table that is cut off hides why"
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(opened: WebDriver, scheme: str) -> None:
    """WCAG AA: 4.5 to 1 for text, in both schemes."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    ratios = opened.execute_script(CONTRAST)
    assert len(ratios) > 20
    assert min(ratios.values()) >= 4.5, ratios


def test_what_is_printed_in_the_dark_is_dark_on_white(opened: WebDriver) -> None:
    feature = {"name": "prefers-color-scheme", "value": "dark"}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [feature]})
    assert min(opened.execute_script(CONTRAST).values()) >= 4.5
    ink = "const ink = (css, name) => getComputedStyle(document.querySelector(css))[name];"
    assert opened.execute_script(f"{ink} return ink('svg text', 'fill') === ink('body', 'color')")
    opened.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert opened.execute_script("return document.querySelector('.losses details').open")
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_everything_can_be_reached_by_keyboard(opened: WebDriver) -> None:
    from selenium.webdriver.common.keys import Keys

    reached = set()
    for _ in range(40):
        opened.switch_to.active_element.send_keys(Keys.TAB)
        element = opened.switch_to.active_element
        reached.add(element.get_attribute("id") or element.get_attribute("class") or element.tag_name)
    assert {"skip", "search", "category", "origin", "code"} <= reached


CONTRAST = """
const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgb = (colour) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const light = (colour) => {
  const [r, g, b] = rgb(colour).slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (rgb(colour)[3] === 255) return colour;
  }
  return 'white';
};
const found = {};
for (const node of document.querySelectorAll('body *')) {
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  if (!own || node.closest('svg, script, style, option') || !node.checkVisibility()) continue;
  const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
  const name = node.tagName + '.' + node.className;
  found[name] = Math.min(found[name] ?? 99, (a + 0.05) / (b + 0.05));
}
return found;
"""
