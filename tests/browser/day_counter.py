"""The issue counter's part of the day: results made, found by code, packaged, signed for on paper, posted."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.day import MANY, Day
from tests.browser.day_clerk import KING, LEE
from tests.browser.keyboard import Keyboard


def make(day: Day) -> None:
    """Certificates made and put on their shelves, one after another with Enter."""
    desk = day.at("issuer")
    desk.press("Alt+7")
    desk.at("#text")
    desk.enter(".counter-nav a[href='/counter/making']", "Shift+Tab")
    for name, shelf in (("standard", "A-03"), ("noticed", "A-04"), ("tolerated", "B-12")):
        number = day.cases[name]
        desk.page.wait_for_selector(f"#do-{number}")
        desk.reach("Alt+l", "#making")
        desk.to(f"#do-{number}", "ArrowDown", MANY)
        desk.press("Enter")
        desk.at(f"#shelf-{number}")
        desk.type(shelf)
        desk.press("Enter")
        desk.page.wait_for_selector(f"#row-{number}", state="detached")


def hand_over_together(day: Day, code: str) -> None:
    """Two results of one person under one receipt, found by the code of the message."""
    desk = day.at("issuer")
    desk.start()
    find(desk, code)
    desk.at("#id_number")
    assert {"A-03", "A-04"} <= set(desk.text().split())
    assert desk.page.locator("[name=case]:checked").count() == 2
    desk.type(KING)
    desk.press("Enter")
    sign_on_paper(day, desk)
    assert desk.page.locator("#lines tbody tr").count() == 2
    assert desk.page.locator(".qr svg").count() == 2
    day.tell("two results in one package, signed for on paper", desk, len(KING) + 1)


def find(desk: Keyboard, text: str) -> None:
    """Whoever shows this."""
    desk.press("Alt+7")
    desk.at("#text")
    desk.type(text)
    desk.press("Enter")


def sign_on_paper(day: Day, desk: Keyboard) -> None:
    """Who cannot draw on the pad signs the printed receipt; its scan is kept."""
    desk.at("#pad-keep")
    with desk.printed():
        desk.press("Alt+p")
    desk.enter("#on-paper > summary", "Shift+Tab")
    desk.to("#slip")
    desk.offer(day.scan("签收单.jpg"))
    desk.enter("#on-paper button")
    desk.page.wait_for_selector("img.counter-signed", timeout=60_000)


def serve_the_denial(day: Day) -> None:
    """The denial is handed over like any other result, and signed for."""
    desk = day.at("issuer")
    find(desk, day.codes["denied"])
    desk.at("#id_number")
    assert desk.page.locator("[name=case]:checked").count() >= 1
    desk.type(LEE)
    desk.press("Enter")
    sign_on_paper(day, desk)


def post(day: Day) -> None:
    """A parcel, and the courier's word that it was signed for."""
    desk = day.at("issuer")
    desk.start()
    number = day.cases["tolerated"]
    find(desk, number)
    desk.at("#id_number")
    desk.enter("#way-post", "Shift+Tab")
    desk.at("#waybill")
    desk.type(f"YC{number}")
    desk.press("Tab")
    desk.type("示例快递")
    desk.press("Enter")
    desk.page.wait_for_url(f"**/counter/parcels/YC{number}*")
    expect(desk.page.locator("main")).to_contain_text(number)
    desk.enter(".counter-nav a[href='/counter/parcels']", at_most=MANY)
    desk.page.wait_for_url("**/counter/parcels")
    desk.reach("Alt+l", "#under-way-rows")
    desk.to(f"#signed-YC{number}", "ArrowDown", MANY)
    desk.press("Enter", "Tab")
    desk.type("前台")
    desk.press("Enter")
    assert "签收" in desk.done()
    day.tell("a parcel sent and signed for", desk)
