"""The issue counter by keyboard: made, shelved, found, handed over together, signed on the pad, the next one called."""

from __future__ import annotations

from typing import Any

from tests.api.filing import COUNTS
from tests.browser.axe import findings
from tests.browser.conftest import At
from tests.browser.desk import Desk
from tests.browser.test_approver import OPINION, Hand, dispatched

CARD = "示例领取人|男|汉|19491231|海南省海口市示例路1号|11010519491231002X"
WIDE, NARROW = {"width": 1366, "height": 768}, {"width": 683, "height": 768}


def granted(at_desk: At, names: list[str]) -> list[str]:
    """Cases of one person with a decision, for which nothing was made yet."""
    clerk, officer, reviewer, approver = [
        Hand(at_desk(login)) for login in ("clerk", "officer", "reviewer", "approver")
    ]
    numbers = dispatched(clerk, officer, names)
    for number in numbers:
        officer.act(number, "sign_in")
        for row in officer.get(f"/cases/{number}/materials"):
            if row["needs"]:
                check: dict[str, Any] = {"kind": row["needs"]["kind"], "reference": "证字第1号"}
                officer.post(f"/cases/{number}/materials/{row['line']}/checks", json=check)
        officer.act(number, "submit_review", opinion=OPINION, proposal="grant")
        reviewer.act(number, "endorse", opinion=OPINION)
        approver.act(number, "grant", opinion=OPINION)
    return numbers


def look(desk: Desk, paths: list[str]) -> list[str]:
    """What axe finds on pages in both languages; none of them is wider than the window, at either size."""
    found = []
    for language in ("en", "zh"):
        desk.go(f"/language/{language}?next=/status")
        for path in paths:
            desk.go(path)
            for size in (WIDE, NARROW):
                desk.page.set_viewport_size(size)  # type: ignore[arg-type]  # a size is a mapping of this form
                width = desk.page.evaluate("() => document.documentElement.scrollWidth")
                assert width <= size["width"], (path, width)
            found += [f"{language} {one}" for one in findings(desk.page)]
            desk.page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # idem
    return found


def sign(desk: Desk) -> None:
    """Draw on the pad with the pointer."""
    box = desk.page.locator("#pad-canvas").bounding_box()
    assert box is not None
    mouse = desk.page.mouse
    mouse.move(box["x"] + 40, box["y"] + 120)
    mouse.down()
    for x, y in ((120, 30), (200, 140), (320, 40), (420, 130)):
        mouse.move(box["x"] + x, box["y"] + y, steps=5)
    mouse.up()


def test_two_results_leave_by_keyboard_and_a_signature(at_desk: At) -> None:
    first, second = granted(at_desk, ["示例领取人", "示例领取人"])
    desk = at_desk("issuer")
    assert look(desk, ["/counter/making"]) == []
    desk.go("/counter/making")
    desk.start()
    for number, shelf in ((first, "A-03"), (second, "B-12")):
        desk.page.focus(f"#do-{number}")
        desk.press("Enter")
        desk.page.wait_for_selector(f"#shelf-{number}:focus")
        desk.type(shelf)
        desk.press("Enter")
        desk.page.wait_for_selector(f"#row-{number}", state="detached")
    print(f"\nmade and shelved, two results: {desk.keys} keys, {desk.seconds:.1f} s")  # noqa: T201  # read with -s

    pages = ["/counter", "/counter/waiting", "/counter/parcels", f"/counter/at/{first}",
             f"/counter/at/{first}?way=post"]  # fmt: skip
    assert look(desk, pages) == []

    desk.go("/")
    desk.start()
    desk.press("Alt+7")
    desk.page.wait_for_selector("#text:focus")
    desk.type(first)
    desk.press("Enter")
    desk.page.wait_for_selector("#id_number:focus")
    assert {"A-03", "B-12"} <= set(desk.text().split())
    assert desk.page.locator("[name=case]:checked").count() == 2
    desk.type(CARD)
    desk.press("Enter")
    desk.page.wait_for_selector("#pad-keep:focus")
    desk.page.click("#pad-keep")
    assert desk.page.inner_text("#pad-empty")
    assert findings(desk.page) == []
    sign(desk)
    desk.press("Alt+a")
    desk.page.wait_for_selector("img.counter-signed", timeout=20_000)
    picture = "async () => { await document.querySelector('.counter-signed').decode(); return 'drawn'; }"
    assert desk.page.evaluate(picture) == "drawn"
    keys, seconds = desk.keys - len(CARD) - len(first), desk.seconds
    print(f"two results handed over and signed for: {keys} keys beside card and scanner, {seconds:.1f} s")  # noqa: T201  # read with -s
    assert keys == 4
    assert desk.page.locator(".qr svg").count() == 2
    address = desk.page.url.removeprefix(desk.machine.url)
    desk.press("Alt+f")
    assert desk.focus == "text"
    assert look(desk, [address]) == []


def test_a_batch_is_counted_by_scanner(at_desk: At) -> None:
    clerk, officer = at_desk("clerk"), at_desk("officer")
    hand = Hand(clerk)
    number = hand.file("示例移交人")
    code = str(hand.get(f"/cases/{number}")["query_code"])
    Hand(officer).act(number, "accept")
    pieces = sum(int(str(row.get(part, 0))) for row in COUNTS for part in ("originals", "copies"))
    clerk.go("/papers/new")
    clerk.page.select_option("#to", "amr")
    clerk.page.focus("#cases")
    clerk.type(number)
    clerk.press("Enter")
    assert clerk.page.inner_text("#cases-count strong") == "1"
    clerk.page.fill("#seal", "F-1")
    clerk.page.fill("#pieces", str(pieces))
    clerk.press("Enter")
    clerk.page.wait_for_selector("#send")
    clerk.press("Alt+a")
    clerk.page.wait_for_selector(".done")
    batch = clerk.page.url.removeprefix(clerk.machine.url).partition("?")[0]
    officer.go(batch)
    officer.page.wait_for_selector("#scan:focus")
    officer.type("4601000000000000")
    officer.press("Enter")
    assert "4601000000000000" in officer.page.inner_text(".scan-told")
    officer.type(f"http://hall.test/status/{code}")
    officer.press("Enter")
    officer.page.wait_for_selector("#pieces:focus")
    assert (
        officer.page.locator("#batch-lines .scanned").count()
        == officer.page.locator("#batch-lines [data-case]").count()
    )
    officer.type(str(pieces))
    assert findings(officer.page) == []
    officer.press("Enter")
    officer.page.wait_for_selector(".done")
