"""The day's people at their keyboards, the papers on the scanner's glass, and what the day has come to so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser

from tests.api.filing import picture
from tests.browser.keyboard import Keyboard
from tests.browser.machine import Machine
from tests.storage.hostile_files import pdf

SIZE = {"width": 1366, "height": 768}
FOOD = "11460100MB9A00014Q3460110001000"
PAPER = ("M01", "M03", "M04", "M05")
"""Lines of the food permit that come on paper; the licence of the business is looked up."""
MANY = 40
"""Presses of an arrow within a list that one arrow key leads through."""


@dataclass
class Day:
    """One day.

    :param cases: numbers by what the day calls them. :param codes: their query codes.
    :param agency: number of the case that the agent files.
    :param figures: what the figures said before the day began.
    :param told: what was done, with keys and seconds; printed at the end.
    """

    machine: Machine
    browser: Browser
    folder: Path
    desks: dict[str, Keyboard] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)
    agency: str = ""
    told: list[str] = field(default_factory=list)

    def at(self, login: str) -> Keyboard:
        """Somebody's desk; they sign in once and stay."""
        if login not in self.desks:
            self.desks[login] = self.sit(login)
            self.desks[login].sign_in()
        return self.desks[login]

    def sit(self, login: str = "", **options: object) -> Keyboard:
        """A browser of one's own, not signed in."""
        context = self.browser.new_context(**{"viewport": SIZE, "locale": "zh-CN", **options})  # type: ignore[arg-type]  # as given
        context.set_default_timeout(30_000)
        desk = Keyboard(self.machine, context, context.new_page(), login)
        desk.listen()
        self.desks.setdefault(login or f"somebody {len(self.desks)}", desk)
        return desk

    def tell(self, what: str, desk: Keyboard, other: int = 0) -> None:
        """Note what was done since the desk started counting. :param other: keys of a reader or scanner."""
        self.told.append(f"{what}: {desk.keys - other} keys, {desk.seconds:.1f} s")

    def scan(self, name: str, pages: int = 1) -> Path:
        """A paper of its own, as the scanner makes it."""
        nth = len(list(self.folder.iterdir()))
        file = self.folder / f"{nth}-{name}"
        file.write_bytes(pdf(pages=pages) + b"\n" * nth if name.endswith(".pdf") else picture() + bytes(nth))
        return file


def open_number(desk: Keyboard, number: str) -> None:
    """The page of a case, by its number."""
    desk.press("Alt+2")
    desk.page.wait_for_url(f"{desk.machine.url}/cases")
    desk.reach("Alt+f", "#number")
    desk.type(number)
    desk.press("Enter")
    desk.page.wait_for_url(f"**/cases/{number}*")


def begin(desk: Keyboard, action: str) -> None:
    """Go to an act of the case and open it; the focus is in its first field, or it is done where it has none."""
    block = desk.page.locator(f"#action-{action}")
    desk.reach("Alt+g", "#actions")
    if not block.is_visible():
        desk.enter("#further > summary", "ArrowUp", MANY)
    inside = block.evaluate("one => one.matches('details')")
    desk.enter(f"#action-{action} summary" if inside else f"#action-{action} button.main", "ArrowDown", MANY)
    if inside:
        desk.at(f"#action-{action} form :focus")


def send(desk: Keyboard) -> str:
    """Send the form; what the page says then."""
    desk.press("Control+Enter")
    desk.at("main .done")
    return desk.page.inner_text("main .done")


def serve(desk: Keyboard, title: str, recipient: str) -> None:
    """Hand a document over at the window; the newest is the first to choose."""
    begin(desk, "serve")
    desk.press("ArrowDown")
    assert title in desk.page.evaluate("() => document.activeElement.selectedOptions[0].textContent")
    desk.choose("#serve-way", "window")
    desk.to("#serve-recipient")
    desk.type(recipient)
    assert "送达文书" in send(desk)


def in_bulk(desk: Keyboard, numbers: list[str], action: str) -> None:
    """Tick cases in the list of this page and do one act on all of them."""
    for number in numbers:
        desk.reach("Alt+l", "#queue")
        desk.to(f"#case-{number}", "j", MANY)
        desk.press("x")
    desk.press("Alt+b")
    desk.choose("#bulk-action", action)
    desk.enter(".bulk button[type=submit]")
    desk.page.wait_for_url("**/bulk?*")
    desk.at("main button.main")
    desk.press("Enter")
    desk.at("#bulk-back")
    assert f"办成 {len(numbers)} 件，未办成 0 件" in desk.text()
    desk.press("Enter")
