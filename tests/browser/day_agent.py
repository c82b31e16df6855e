"""The proxy agent's part of the day: a mandate, an application filed for its principal, a visit, who waits for whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.browser.day import MANY, Day
from tests.browser.day_clerk import LEE

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
FILING = "form[action$='/cases'] button.main"
PRINCIPAL, NUMBER = "示例周", "11010519491231002X"


def register_a_mandate(day: Day) -> None:
    """Whom the agent acts for, in what, until when; the signed paper is kept."""
    desk = day.at("agent")
    desk.start()
    desk.menu("/principals")
    desk.enter("main a[href='/mandates/new']", at_most=MANY)
    desk.at("[id='principal.name']")
    desk.press("Shift+Tab", "Space", "ArrowUp", "Tab")
    desk.at("[id='principal.name']")
    desk.type(PRINCIPAL)
    for name, typed in (
        ("principal.id_number", NUMBER), ("principal.mobile", "13800005678"), ("agent.login", "agent"),
        ("agent.id_number", LEE.rpartition("|")[2]), ("matter", "代办食品经营许可"), ("find", "spjy"),
    ):  # fmt: skip
        desk.to(f"[id='{name}']")
        desk.type(typed)
    expect(desk.page.locator("#mandate-items [name=items]").first).to_be_visible()
    desk.tick("#mandate-items [name=items]")
    for power in ("file", "supply"):
        desk.tick(f"[name=powers][value={power}]", MANY)
    for name, on in (("from_on", TODAY), ("until_on", TODAY + timedelta(days=90))):
        desk.to(f"#{name}")
        desk.type(f"{on:%m%d%Y}")
    desk.tick("[name=signed]", MANY)
    desk.press("Control+Enter")
    desk.page.wait_for_url(lambda url: "/mandates/" in url and not url.endswith("/new"))
    desk.to("#file", at_most=MANY)
    desk.offer(day.scan("授权委托书.jpg"))
    desk.enter("form:has(#file) button")
    expect(desk.page.locator(FILING)).to_be_visible(timeout=60_000)
    day.tell("a mandate registered, with its paper", desk)


def file_for_the_principal(day: Day) -> None:
    """The application in the principal's name; who holds it now stands on the agent's page."""
    desk = day.at("agent")
    desk.start()
    desk.enter(FILING, at_most=MANY)
    desk.page.wait_for_url("**/cases/4*")
    day.agency = desk.page.url.partition("/cases/")[2].partition("?")[0]
    day.tell("an application filed for a principal", desk)
    desk.menu("/principals")
    row = desk.page.locator("#principals tr").filter(has_text=day.agency)
    assert "窗口" in row.inner_text()


def visit(day: Day) -> None:
    """A visit to the principal's home, by two people."""
    desk = day.at("agent")
    desk.start()
    desk.menu("/visits")
    desk.enter("main a[href='/visits/new']", at_most=MANY)
    desk.to("[id='principal.name']", at_most=MANY)
    desk.type(PRINCIPAL)
    tomorrow = TODAY + timedelta(days=1)
    for name, typed in (
        ("principal.id_number", NUMBER), ("day", f"{tomorrow:%m%d%Y}"), ("at", "0930AM"),
        ("place", "示例省示例市示例路3号"), ("matter", "上门核对材料原件"),
    ):  # fmt: skip
        desk.to(f"[id='{name}']", at_most=10)
        desk.type(typed)
    desk.to("[name=in_area]", "Shift+Tab")
    desk.press("Space")
    desk.tick("[name=immobile]")
    desk.choose("#first", "agent")
    desk.choose("#second", "clerk")
    desk.press("Control+Enter")
    desk.page.wait_for_url(lambda url: not url.endswith("/new"))
    expect(desk.page.locator("main")).to_contain_text("上门核对材料原件")
    day.tell("a visit booked", desk)
