"""What a clerk's morning brings: a card read at the wrong moment, papers under a camera, a filter, many items."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, expect

from tests.browser.axe import findings
from tests.browser.conftest import SIZE, At
from tests.browser.desk import Desk
from tests.browser.machine import Machine

FOOD = "11460100MB9A00014Q3460110001000"
NUMBER = "11010519491231002X"
CARD = f"示例王|女|汉|19491231|示例省示例市示例路1号2室|{NUMBER}"
READER_MS = 5
"""What a reader takes for a character."""


def read_card(desk: Desk, line: str) -> None:
    """A reader types a card and Enter, wherever the focus is; the clerk presses nothing."""
    desk.page.keyboard.type(line, delay=READER_MS)
    desk.page.keyboard.press("Enter")


def test_a_card_that_is_read_while_the_focus_is_elsewhere_is_not_lost(at_desk: At) -> None:
    desk = at_desk("clerk")
    found, number = desk.page.locator("#party-found .right"), desk.page.locator("#id_number")
    desk.go(f"/cases/new?item={FOOD}")
    desk.page.locator("h1").click()
    read_card(desk, NUMBER)
    expect(found).to_be_visible()
    expect(number).to_have_value(NUMBER)
    expect(desk.page.locator("#name")).to_be_focused()
    desk.go(f"/cases/new?item={FOOD}")
    desk.page.fill("#mobile", "138")
    desk.page.focus("#name")
    desk.page.focus("#mobile")
    read_card(desk, CARD)
    expect(found).to_be_visible()
    expect(number).to_have_value(NUMBER)
    expect(desk.page.locator("#name")).to_have_value("示例王")
    expect(desk.page.locator("#mobile")).to_have_value("138")
    desk.page.locator("#address").press("End")
    desk.page.keyboard.type("示例路", delay=READER_MS)
    desk.page.keyboard.press("Enter")  # what is no card stays where it was typed
    expect(desk.page.locator("#address")).to_have_value("示例省示例市示例路1号2室示例路")
    desk.go("/cases/new")
    desk.page.locator("h1").click()
    desk.page.keyboard.type("spjy", delay=READER_MS)
    expect(desk.page.locator("#found[data-text=spjy] a")).to_have_count(1)


def test_papers_under_a_camera_arrive_on_their_line_and_what_was_done_is_said(
    instance: Machine, chromium: Browser
) -> None:
    path = shutil.which("chromium")
    camera = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = chromium.browser_type.launch(executable_path=path, args=camera)
    context = browser.new_context(viewport=SIZE, locale="zh-CN", permissions=["camera"])  # type: ignore[arg-type]  # as at_desk
    desk = Desk(instance, context, context.new_page(), "clerk")
    desk.listen()
    try:
        desk.sign_in()
        desk.go(f"/cases/new?item={FOOD}")
        read_card(desk, CARD)
        expect(desk.page.locator("#party-found .right")).to_be_visible()
        desk.press("Alt+s")
        desk.page.wait_for_url("**/cases/4*")
        expect(desk.page.locator("#told")).to_have_text("办件已登记。请把查询码交给申请人。")
        desk.press("Tab", "Enter")
        expect(desk.page.locator("#camera-line")).to_have_text("M01")
        expect(desk.page.locator("#camera-take")).to_be_focused()
        desk.page.wait_for_selector("#camera-view[data-shows]")
        desk.press("Enter")
        expect(desk.page.locator("#camera-taken")).to_contain_text("1 页")
        desk.press("Enter")
        expect(desk.page.locator("#camera-taken")).to_contain_text("2 页")
        desk.press("Escape")
        expect(desk.page.locator("#photograph-M01")).to_be_focused()
        expect(desk.page.locator("#scans-M01 .scan.stored")).to_have_count(2, timeout=30_000)
        expect(desk.page.locator("#scans-M01")).to_contain_text("M01-2.jpg")
        assert desk.complaints == []
    finally:
        browser.close()


def test_the_items_of_a_mandate_are_found_and_ticked_by_keyboard(at_desk: At) -> None:
    desk = at_desk("agent")
    desk.go("/mandates/new")
    desk.page.focus("#find")
    desk.type("spjy")
    expect(desk.page.locator(f"#item-{FOOD}")).to_be_visible()
    desk.page.focus(f"#item-{FOOD}")
    desk.press("Space")
    desk.page.fill("#find", "yszy")
    expect(desk.page.locator("#mandate-items [name=items]:not(:checked)")).not_to_have_count(0)
    expect(desk.page.locator(f"#item-{FOOD}")).to_be_checked()
    desk.page.fill("#matter", "代为办理")
    desk.page.focus("#find")
    desk.press("Enter")  # looks again, and registers nothing
    expect(desk.page.locator(f"#item-{FOOD}")).to_be_checked()
    expect(desk.page.locator("#matter")).to_have_value("代为办理")
    assert findings(desk.page) == []
