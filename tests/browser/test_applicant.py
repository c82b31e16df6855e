"""An applicant of seventy and the agent who helps: found without help, by keyboard, on a telephone, on paper."""

from __future__ import annotations

import re

from tests.browser.axe import findings
from tests.browser.conftest import At
from tests.browser.desk import Desk

FOOD = "11460100MB9A00014Q3460110001000"
PHONE = {"viewport": {"width": 390, "height": 844}}


def open_case(desk: Desk) -> str:
    """A clerk takes an application in; the query code that the receipt carries."""
    desk.go(f"/cases/new?item={FOOD}")
    desk.page.check("[name=kind] >> nth=0")
    desk.page.fill("[name=name]", "示例王")
    desk.page.fill("[name=id_number]", "11010519491231002X")
    desk.page.fill("[name=mobile]", "13800001234")
    desk.page.click("main button.main")
    desk.page.wait_for_url("**/cases/4*")
    found = re.search(r"\b[0-9A-HJKMNP-TV-Z]{12}\b", desk.text())
    assert found, desk.text()
    return found[0]


def fits(desk: Desk) -> None:
    """Nothing has to be pushed sideways to be read."""
    width = desk.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1], (desk.page.url, width)


def test_an_applicant_finds_their_case_and_what_to_bring(at_desk: At) -> None:
    code = open_case(at_desk("clerk"))
    desk = at_desk("", **PHONE)
    desk.go(f"/status/{code}")  # what a telephone opens from the code on the receipt
    assert desk.focus == "last_four"
    desk.start()
    desk.type("99")
    desk.press("Enter")
    desk.page.wait_for_selector("#last_four_wrong")
    assert desk.focus == "last_four"
    desk.start()
    desk.type("9999")
    desk.press("Enter")
    desk.page.wait_for_selector("main .refused .what")
    assert "没有查到" in desk.text()
    desk.page.fill("#last_four", "")
    desk.page.focus("#last_four")
    desk.type("1234")
    desk.press("Enter")
    desk.page.wait_for_selector(".now")
    assert "还没有收您的材料" in desk.text()
    assert "食品经营许可申请书" in desk.text()
    fits(desk)
    size = desk.page.evaluate("() => parseFloat(getComputedStyle(document.querySelector('.now')).fontSize)")
    assert size >= 22
    assert findings(desk.page) == []
    print(f"an applicant sees their case after {desk.keys} keys, four of them a slip, in {desk.seconds:.1f} s")  # noqa: T201  # shown with -s
    desk.page.click("form.leave button")
    desk.page.wait_for_selector("#code")
    desk.go(f"/status/{code}")
    assert "食品经营许可申请书" not in desk.text()


def test_anybody_finds_what_an_item_asks_for_while_typing_and_prints_it(at_desk: At) -> None:
    desk = at_desk()
    desk.go("/guide/items")
    assert desk.focus == "text"
    desk.type("开饭店")
    desk.page.wait_for_selector("#found li:only-child")
    assert "食品经营许可（新办）" in desk.text()
    desk.page.fill("#text", "")
    desk.page.focus("#text")
    desk.type("spjy")
    desk.page.wait_for_selector("#found a >> text=食品经营许可（新办）")
    desk.press("Tab", "Tab", "Enter")
    desk.page.wait_for_selector("#bring")
    assert "食品经营许可申请书" in desk.text()
    fits(desk)
    assert findings(desk.page) == []
    assert "授权委托书" not in desk.text()
    desk.page.check("[name=situation]")
    desk.page.click("form.questions button")
    desk.page.wait_for_selector("text=授权委托书")
    desk.page.emulate_media(media="print")
    assert not desk.page.is_visible("form.questions")
    assert not desk.page.is_visible("header.bar")
    assert desk.page.is_visible("#bring")
    pages = desk.page.pdf(format="A4").count(b"/Type /Page\n") or desk.page.pdf(format="A4").count(b"/Type /Page")
    assert pages <= 3


def test_the_help_desk_by_keyboard(at_desk: At) -> None:
    desk = at_desk("impasse_handler")
    desk.go("/impasses/new")
    desk.page.focus("#person")
    desk.start()
    desk.type("示例人")
    desk.press("Tab")
    desk.type("13800001234")
    desk.press("Tab")
    desk.type("材料交齐三次仍未受理。")
    desk.press("Tab", "Tab", "Tab", "Enter")
    desk.page.wait_for_url("**/impasses/*")
    desk.page.wait_for_selector("#organisation")
    number = desk.page.inner_text("h1")
    desk.page.select_option("#organisation", "amr")
    desk.page.fill("#note-assign", "请核实后当日联系。")
    desk.page.focus("#note-assign")
    desk.press("Tab", "Enter")
    desk.page.wait_for_selector("main .lead >> text=已交办")
    desk.go("/impasses")
    assert number in desk.text()
    print(f"a ticket registered and assigned: {desk.keys} keys")  # noqa: T201  # shown with -s
    for path in ("/impasses", "/impasses/new"):
        desk.go(path)
        fits(desk)
        assert findings(desk.page) == []
    agent = at_desk("agent")
    for path in ("/principals", "/visits", "/visits/new", "/mandates", "/mandates/new"):
        agent.go(path)
        fits(agent)
        assert findings(agent.page) == []
