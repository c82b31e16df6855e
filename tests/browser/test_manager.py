"""A manager's month: figures, a chart under our own policy, the wall screen, a report that a worker makes."""

from __future__ import annotations

import time

from tests.browser.axe import findings
from tests.browser.conftest import At
from tests.browser.desk import Desk

LONGEST = 40


def until_there(desk: Desk, path: str, selector: str) -> None:
    """Open a page until it holds what a worker has to make first."""
    end = time.monotonic() + LONGEST
    desk.go(path)
    while not desk.page.locator(selector).count():
        assert time.monotonic() < end, desk.text()
        desk.page.wait_for_timeout(500)
        desk.go(path)


_FITS = """async () => {
  const wide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
  for (let turn = 0; turn < 200 && wide(); turn++) await new Promise(requestAnimationFrame);
  return !wide();
}"""


def fits(desk: Desk) -> bool:
    """Nothing has to be scrolled sideways, once charts have followed the width of the window."""
    return bool(desk.page.evaluate(_FITS))


def test_a_number_a_chart_a_wall_and_a_report(at_desk: At) -> None:
    desk = at_desk("hall_manager")
    until_there(desk, "/figures", ".subjects")
    desk.press("Alt+5")
    desk.page.wait_for_url("**/figures")
    assert findings(desk.page) == []
    assert fits(desk)
    desk.page.click("text=收件量")
    desk.page.select_option("#by", "")
    desk.page.select_option("#over", "day")
    desk.page.click("form.figures-form button.main")
    desk.page.wait_for_selector("#chart canvas")
    desk.page.emulate_media(media="print")
    assert desk.page.locator("#chart canvas").is_visible(), "a page of figures is printed with its chart"
    assert desk.page.locator("form.figures-form").is_hidden()
    assert desk.page.evaluate("getComputedStyle(document.querySelector('tfoot')).display") == "table-row-group"
    desk.page.emulate_media(media="screen")
    assert findings(desk.page) == []
    desk.page.set_viewport_size({"width": 683, "height": 768})
    assert fits(desk)
    desk.page.set_viewport_size({"width": 1366, "height": 768})

    desk.go("/wall")
    assert desk.page.locator(".rail").is_hidden()
    desk.page.set_viewport_size({"width": 1920, "height": 1080})
    letters = desk.page.evaluate("parseFloat(getComputedStyle(document.querySelector('.tile dt')).fontSize)")
    assert letters >= 24, "15 mm on a screen of 55 inches: read from five metres"
    assert fits(desk)
    desk.page.set_viewport_size({"width": 1366, "height": 768})
    assert findings(desk.page) == []
    assert fits(desk)
    desk.page.click("#wall-leave")
    desk.page.wait_for_url("**/board")
    assert findings(desk.page) == []
    assert fits(desk)

    desk.go("/reports")
    desk.page.select_option("#kind", "monthly")
    desk.page.fill("#from", time.strftime("%Y-%m-%d"))
    desk.page.click("main form button.main")
    link = desk.page.locator("#report-list a[href$='/pdf']").first
    link.wait_for(timeout=LONGEST * 1000)  # the list looks again by itself until the worker is done
    with desk.page.expect_download() as taken:
        link.click()
    assert taken.value.path().read_bytes().startswith(b"%PDF")
    assert findings(desk.page) == []
    assert fits(desk)
