"""A clerk takes somebody in without a mouse; a question at the desk becomes a slip, and then a case."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.axe import findings
from tests.browser.conftest import At
from tests.browser.desk import Desk
from tests.storage.hostile_files import pdf

FOOD = "11460100MB9A00014Q3460110001000"
CARD = "示例王|女|汉|19491231|示例省示例市示例路1号2室|11010519491231002X"
FIRM = "91350100M000100Y43"
PAPER = ("M01", "M03", "M04", "M05")
"""Lines of the food permit that come on paper."""


def focused(desk: Desk, element: str) -> None:
    """Wait until an element has the focus."""
    expect(desk.page.locator(f"#{element}")).to_be_focused()


def look(desk: Desk) -> None:
    """No serious finding, nothing wider than the window."""
    assert findings(desk.page) == []
    width = desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, desk.page.url


def receive(desk: Desk) -> None:
    """Say that each line was checked, receive, and go to the receipt."""
    desk.press("Alt+a")
    boxes = desk.page.locator("#action-receive [name$='.checked']")
    expect(boxes.first).to_be_visible()
    for box in boxes.all():
        expect(box).to_be_focused()
        desk.press("Space", "ArrowDown")
    desk.press("Enter")
    expect(desk.page.locator("main .done a[href$='/received']")).to_be_visible()
    desk.press("Alt+n")


def test_a_standard_intake_by_keyboard_alone(at_desk: At, tmp_path: Path) -> None:
    desk = at_desk("clerk")
    desk.start()
    desk.press("Alt+3")
    focused(desk, "text")
    desk.type("spjy")
    expect(desk.page.locator("#found[data-text=spjy] a")).to_have_count(1)
    desk.press("Enter")
    focused(desk, "id_number")
    desk.page.keyboard.insert_text(CARD)  # the reader types this, not the clerk
    desk.press("Enter")
    expect(desk.page.locator("#party-found .right")).to_contain_text("1949年12月31日出生")
    focused(desk, "mobile")
    assert desk.page.input_value("#name") == "示例王"
    assert desk.page.input_value("#id_number") == CARD.rpartition("|")[2]
    assert desk.page.is_checked("[name=kind][value=person]")
    assert desk.page.input_value("[name='priority.group']") == "elderly"
    desk.type("13800001234")
    desk.press("Alt+s")
    desk.page.wait_for_url("**/cases/4*")
    print(f"\nstandard intake, from the tasks to the open case: {desk.keys} keys, {desk.seconds:.1f} s")  # noqa: T201  # read with -s
    assert desk.keys <= 25
    assert "示例王" in desk.text()
    scan = tmp_path / "扫描件.pdf"
    scan.write_bytes(pdf())
    for line in PAPER:
        desk.page.set_input_files(f"#upload-{line}-file", scan)  # the scanner's work
    for line in PAPER:
        expect(desk.page.locator(f"#scans-{line} .scan.stored")).to_be_visible(timeout=30_000)
    receive(desk)
    focused(desk, "print")
    print(f"  to the receipt on the screen: {desk.keys} keys, {desk.seconds:.1f} s")  # noqa: T201  # read with -s
    look(desk)
    with desk.context.expect_page() as opened:
        desk.press("Enter")
    opened.value.close()
    desk.press("Alt+n")
    focused(desk, "text")
    assert desk.keys <= 45


def test_arrows_choose_enter_goes_on_and_answers_change_the_list(at_desk: At) -> None:
    desk = at_desk("clerk")
    desk.go("/cases/new")
    desk.type("jyxk")
    expect(desk.page.locator("#found[data-text=jyxk] tbody tr")).not_to_have_count(0)
    look(desk)
    desk.press("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp")
    focused(desk, "text")
    desk.press("ArrowDown", "ArrowDown")
    chosen = desk.focus.removeprefix("item-")
    desk.press("Enter")
    desk.page.wait_for_url(f"**/cases/new?item={chosen}")
    desk.go("/cases/new")
    desk.page.keyboard.insert_text(FOOD)  # a scanner: the code and Enter at once, ahead of the list
    desk.press("Enter")
    desk.page.wait_for_url(f"**/cases/new?item={FOOD}")
    focused(desk, "id_number")
    desk.type(f"{FIRM[:-1]}4")
    desk.press("Enter")
    expect(desk.page.locator("#id_number-verdict")).to_be_visible()
    focused(desk, "id_number")  # what is wrong is marked, to be typed over
    desk.type(FIRM)
    desk.press("Enter")
    expect(desk.page.locator("#party-found .right")).to_be_visible()
    focused(desk, "name")
    desk.type("示例餐饮有限公司")
    assert desk.page.is_checked("[name=kind][value=organisation]")
    assert desk.page.input_value("#id_kind") == "uscc"
    assert desk.page.input_value("#name") == "示例餐饮有限公司"
    before = desk.page.locator("#list tbody tr").count()
    desk.page.focus("[name=situation]")
    desk.press("Space")
    expect(desk.page.locator("#list tbody tr")).not_to_have_count(before)
    assert desk.focus == "situation"
    look(desk)


def test_a_question_becomes_a_slip_and_a_case_by_keyboard(at_desk: At) -> None:
    desk = at_desk("clerk", locale="zh-CN")
    desk.start()
    desk.go("/consultations")
    look(desk)
    desk.press("Alt+c")
    focused(desk, "text")
    desk.type("spjy")
    expect(desk.page.locator("#found[data-text=spjy] a")).to_have_count(1)
    desk.press("Enter")
    desk.page.wait_for_url(f"**/consultations/new?item={FOOD}")
    expect(desk.page.locator("[name=lacking][value=M01]")).to_be_focused()
    desk.press("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Space")
    look(desk)
    desk.press("Alt+s")
    focused(desk, "print")
    print(f"\nconsultation, from the list to its slip: {desk.keys} keys, {desk.seconds:.1f} s")  # noqa: T201  # read with -s
    assert "M03" in desk.text()
    look(desk)
    with desk.context.expect_page() as opened:
        desk.press("Enter")
    opened.value.close()
    desk.press("Alt+n")
    focused(desk, "id_number")
    assert "〔" in desk.page.input_value("#consultation")
