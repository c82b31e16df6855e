"""The end of the day: what the applicant sees, what the hall manager and the auditor find."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from tests.browser.day import MANY, Day
from tests.browser.keyboard import Keyboard

COUNTED = ("received", "accepted", "closed")
_LONGEST = 60
PHONE = {"viewport": {"width": 390, "height": 844}}


def figures(day: Day) -> dict[str, int]:
    """Today's volumes as the page of figures shows them."""
    desk = day.at("hall_manager")
    desk.press("Alt+5")
    desk.page.wait_for_url("**/figures")
    rows = {name: desk.page.locator(f"th:has(a[href^='/figures/{name}?']) + td") for name in COUNTED}
    return {name: int(row.inner_text().replace(",", "")) if row.count() else 0 for name, row in rows.items()}


def figures_tell_what_happened(day: Day, **happened: int) -> None:
    """As many more than this morning as the day had; a worker puts them in within seconds."""
    wanted = {name: day.figures[name] + happened[name] for name in COUNTED}
    until = time.monotonic() + _LONGEST
    while (found := figures(day)) != wanted:
        assert time.monotonic() < until, (found, wanted)
        day.at("hall_manager").page.wait_for_timeout(1000)


def board(day: Day) -> None:
    """The board of warnings is at hand."""
    desk = day.at("hall_manager")
    desk.press("Alt+4")
    desk.page.wait_for_url("**/board")
    assert "示例市市场监督管理局" in desk.text()


def remember_codes(day: Day) -> None:
    """The query codes that the applicants hold, read from the pages of their cases."""
    desk = day.at("clerk")
    for name, number in day.cases.items():
        desk.press("Alt+2")
        desk.page.wait_for_url(f"{day.machine.url}/cases")
        desk.reach("Alt+f", "#number")
        desk.type(number)
        desk.press("Enter")
        desk.page.wait_for_url(f"**/cases/{number}*")
        found = re.search(r"\b[0-9A-HJKMNP-TV-Z]{12}\b", desk.page.inner_text("section.head"))
        assert found
        day.codes[name] = found[0]


def ask(day: Day, name: str) -> Keyboard:
    """An applicant's telephone with the address that is on their slip, proved with the last four digits."""
    desk = day.sit(**PHONE)
    desk.go(f"/status/{day.codes[name]}")
    desk.at("#last_four")
    desk.start()
    desk.type("1234")
    desk.press("Enter")
    expect(desk.page.locator("p.now")).to_be_visible()
    return desk


def see_what_to_collect(day: Day) -> str:
    """The result is ready: where it stands in large letters, and the code to collect it with."""
    desk = ask(day, "standard")
    size = desk.page.evaluate("() => parseFloat(getComputedStyle(document.querySelector('p.now')).fontSize)")
    assert size >= 22
    day.tell("an applicant sees where their case stands", desk)
    return desk.page.inner_text(".pickup .digits").replace(" ", "")


def take_a_document(day: Day) -> None:
    """The decision, from the page of status."""
    desk = ask(day, "standard")
    with desk.printed():
        desk.enter(".papers a", at_most=MANY)


def rate(day: Day, name: str, level: int) -> None:
    """One to five, by the address on the slip."""
    desk = day.sit(**PHONE)
    desk.go(f"/status/{day.codes[name]}/rating")
    desk.start()
    desk.to("[name=level]")
    desk.press("Space", *["ArrowDown"] * (level - 1))
    assert desk.page.is_checked(f"[name=level][value='{level}']")
    desk.enter("main button.main", at_most=MANY)
    expect(desk.page.locator("main .done")).to_be_visible()
    day.tell(f"rated {level}", desk)


def audit(day: Day) -> None:
    """The auditor finds the case whole, with everybody who touched it."""
    desk = day.at("auditor")
    desk.menu("/audit")
    desk.to("#case", at_most=MANY)
    desk.type(day.cases["noticed"])
    desk.press("Enter")
    link = f"a[href='/audit/cases/{day.cases['noticed']}']"
    desk.reach("Alt+l", "#audit-found")
    desk.enter(link, "ArrowDown")
    desk.page.wait_for_url("**/audit/cases/*")
    desk.enter("form[action$='/verification'] button.main", at_most=MANY)
    expect(desk.page.locator("#verdict .done")).to_be_visible()
    told = desk.text()
    for act in ("收件登记", "补正告知", "接收补正材料", "受理", "准予许可", "送达"):
        assert act in told, act
