"""The approver's day: what waits, many at once, a case beside its pages, templates, a decision looked at first."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.api.filing import COUNTS, picture
from tests.browser.axe import findings
from tests.browser.conftest import At
from tests.browser.desk import Desk

FOOD = "11460100MB9A00014Q3460110001000"
OPINION = "材料齐全，符合法定条件。"
AMR = "/department"


class Hand:
    """Whoever sits at a desk, working through the interface; for what a story begins with."""

    def __init__(self, desk: Desk) -> None:
        self.base = f"{desk.machine.url}/api/v1"
        self.cookies = {str(one["name"]): str(one["value"]) for one in desk.context.cookies()}
        self.headers = {"X-CSRF-Token": desk.page.input_value("input[name=csrf_token] >> nth=0")}

    def get(self, path: str) -> Any:
        return httpx.get(self.base + path, cookies=self.cookies, timeout=30).json()

    def post(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
        headers = self.headers | (headers or {})
        answer = httpx.post(self.base + path, cookies=self.cookies, headers=headers, timeout=30, **body)
        assert answer.is_success, answer.text
        return answer.json()

    def act(self, number: str, action: str, **payload: Any) -> None:
        version = {"If-Match": str(self.get(f"/cases/{number}")["version"])}
        self.post(f"/cases/{number}/actions/{action}", version, json=payload)

    def file(self, name: str) -> str:
        """A case with every paper scanned, received."""
        person = {"kind": "person", "name": name, "id_kind": "resident_id", "id_number": "11010519491231002X"}
        opened = self.post("/cases", json={"item": FOOD, "applicant": person | {"mobile": "13800000000"}})
        number = str(opened["case"])
        lines = [row["line"] for row in COUNTS if not row.get("exempt")]
        for at, line in enumerate([*lines, lines[0]]):  # the first line has two pages
            file = {"file": (f"{line}.jpg", picture() + bytes(at), "image/jpeg")}
            self.post(f"/cases/{number}/materials/{line}/scans", files=file)
        while any(scan["state"] == "incoming" for scan in self.get(f"/cases/{number}/scans")):
            time.sleep(0.1)
        self.act(number, "receive", materials=COUNTS)
        return number


def dispatched(clerk: Hand, officer: Hand, names: list[str]) -> list[str]:
    """Cases that wait to be signed in."""
    numbers = [clerk.file(name) for name in names]
    for number in numbers:
        officer.act(number, "accept")
        officer.act(number, "dispatch")
    return numbers


def sign_in_together(desk: Desk, numbers: list[str]) -> None:
    """What waits to be signed in: ticked with X, chosen, confirmed by Enter; a result for each."""
    desk.go(f"{AMR}?stage=DISPATCHED")
    assert findings(desk.page) == []
    for number in numbers:
        desk.page.focus(f"#case-{number}")
        desk.press("x")
    desk.page.select_option("#bulk-action", "sign_in")
    desk.page.focus("#bulk-action")
    desk.press("Tab", "Enter")
    desk.page.wait_for_url("**/bulk?*")
    assert findings(desk.page) == []
    desk.press("Enter")
    desk.page.wait_for_selector("#bulk-back")
    assert f"办成 {len(numbers)} 件，未办成 0 件" in desk.text()
    desk.press("Enter")
    desk.page.wait_for_url(f"**{AMR}?stage=DISPATCHED")


def keep_template(desk: Desk, title: str, words: str) -> None:
    """A template of one's own."""
    desk.go("/opinion-templates")
    assert findings(desk.page) == []
    desk.page.focus("#title")
    desk.type(title)
    desk.press("Tab")
    desk.type(words)
    desk.page.click("main button.main")
    desk.page.wait_for_selector("main .done")


def test_many_are_signed_in_at_once_and_one_is_worked_on_beside_its_pages(at_desk: At) -> None:
    clerk, desk = at_desk("clerk"), at_desk("officer")
    numbers = dispatched(Hand(clerk), Hand(desk), ["示例甲", "示例乙"])
    sign_in_together(desk, numbers)
    keep_template(desk, "齐全", OPINION)

    # Beside its pages: leafing by keyboard, also while writing; nothing that is typed goes.
    desk.go(f"/cases/{numbers[0]}/desk")
    assert findings(desk.page) == []
    assert desk.focus == "leaf"
    desk.press("ArrowRight")
    desk.page.wait_for_selector("#leaf[data-place='M01/2']")
    assert desk.focus == "leaf"
    desk.press("r")
    desk.page.wait_for_selector("#leaf-turn[href$='turn=180']")  # the page lies turned by a quarter
    desk.press("Home")
    desk.page.wait_for_selector("#leaf[data-place='M01/1']")
    desk.press("Alt+a")
    assert desk.page.locator("#action-submit_review").get_attribute("open") is not None
    desk.press("Alt+o")
    assert desk.focus == "submit_review-opinion"
    desk.type("经审查，")
    desk.page.evaluate("document.documentElement.dataset.here = 'yes'")  # gone if the page were loaded anew
    desk.press("Alt+n", "Alt+n")  # quicker than the pages come
    desk.page.wait_for_selector("#leaf[data-place='M03/1']")
    assert desk.page.evaluate("document.documentElement.dataset.here") == "yes"
    assert desk.page.input_value("#submit_review-opinion") == "经审查，"
    assert desk.focus == "submit_review-opinion"  # whoever turns a page while writing goes on writing
    assert desk.page.evaluate("location.pathname") == f"/cases/{numbers[0]}/desk/M03/1"
    desk.press("Alt+t", "1", "Enter")
    assert desk.page.input_value("#submit_review-opinion") == f"经审查，{OPINION}"
    assert desk.focus == "submit_review-opinion"
    desk.page.select_option("#submit_review-proposal", "grant")
    desk.page.click("#action-submit_review button.main")
    desk.page.wait_for_selector("main .done")
    assert "已办：提交审查意见" in desk.text()
    assert desk.focus == "next-case"
    assert desk.page.locator("#leaf").get_attribute("data-place") == "M03/1"
    desk.press("Enter")
    desk.page.wait_for_url(f"**/cases/{numbers[1]}/desk")
    assert numbers[1] in desk.text()


def test_a_decision_is_looked_at_before_it_is_signed(at_desk: At) -> None:
    clerk, officer, desk = at_desk("clerk"), at_desk("officer"), at_desk("approver")
    number = dispatched(Hand(clerk), Hand(officer), ["示例丙"])[0]
    Hand(officer).act(number, "sign_in")
    Hand(officer).act(number, "submit_review", opinion=OPINION, proposal="grant")

    desk.go(f"/cases/{number}/desk")
    desk.press("Alt+o")
    desk.type("同意。")
    desk.page.click("#action-grant button.main")
    desk.page.wait_for_selector("#sample img", timeout=20_000)
    assert findings(desk.page) == []
    assert desk.page.url.endswith(f"/cases/{number}/desk/M01/1")  # an address that may be loaded anew
    assert desk.page.input_value("#grant-opinion") == "同意。"
    assert desk.focus == "sign"

    # Somebody changed the case meanwhile: told so, nothing lost, sent again.
    reviewer = at_desk("reviewer")
    Hand(reviewer).act(number, "endorse", opinion="审核无误。")
    desk.press("Enter")
    desk.page.wait_for_selector("#action-grant .refused")
    assert "他人更新" in desk.text()
    assert "审核无误。" in desk.text()
    assert desk.page.input_value("#grant-opinion") == "同意。"
    desk.page.click("#action-grant button:not(.main):not([data-insert])")
    desk.page.wait_for_selector("main .done")
    assert "已办：准予许可" in desk.text()

    # A colleague takes a case away while its denial is being written: told so, and the words are still there.
    taken = dispatched(Hand(clerk), Hand(officer), ["示例丁"])[0]
    Hand(officer).act(taken, "sign_in")
    Hand(officer).act(taken, "submit_review", opinion=OPINION, proposal="grant")
    desk.go(f"/cases/{taken}/desk")
    desk.page.click("#action-deny > summary")
    desk.page.fill("#deny-reason", "布局不符合要求。")
    desk.page.fill("#deny-article", "食品安全法33")
    Hand(reviewer).act(taken, "send_back", reason="现场核查记录不全。")
    desk.page.click("#action-deny button:not(.main):not([data-insert])")
    desk.page.wait_for_selector("#left-over")
    assert findings(desk.page) == []
    assert "退回承办" in desk.text()
    assert desk.page.input_value("#left-1") == "布局不符合要求。"

    # Narrow and in English: no sideways scrolling.
    narrow = at_desk("approver", viewport={"width": 683, "height": 768})
    narrow.go(f"/language/en?next=/cases/{number}/desk")
    for path in (f"/cases/{number}/desk", AMR, "/opinion-templates", "/inbox", "/delegations"):
        narrow.go(path)
        assert findings(narrow.page) == []
        assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 683
