"""What is wrong with a page as it stands, whatever it is about."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from api.pages.texts import TEXTS
from tests.browser.axe import findings
from tests.browser.desk import Desk
from tests.browser.every_page import Shown

WIDE: Final[Any] = {"width": 1366, "height": 768}
NARROW: Final[Any] = {"width": 683, "height": 768}
"""1366 × 768 at 200 %."""
PHONE: Final[Any] = {"width": 390, "height": 844}
_TAB_STOPS: Final = 5
_UNSEEN_FOCUS: Final = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return one === document.body || seen ? "" : one.outerHTML.slice(0, 120);
}"""
_BROKEN: Final = re.compile("系统内部错误|Internal error|Traceback")


def show(desk: Desk, shown: Shown, things: dict[str, str]) -> None:
    """Open a page and bring it into the state that is meant."""
    desk.context.set_offline(False)
    desk.go(shown.address.format(**things))
    if shown.first:
        shown.first(desk)


def too_wide(desk: Desk, size: Any) -> list[str]:
    """Whether anything has to be pushed sideways to be read, in a window of this size."""
    desk.page.set_viewport_size(size)
    width = desk.page.evaluate("() => document.documentElement.scrollWidth")
    return [f"{width} px in a window of {size['width']}"] if width > size["width"] else []


def faults(desk: Desk, language: str) -> list[str]:
    """What axe finds, an error of our own, no or several main titles, words of the other language."""
    found = findings(desk.page)
    if (titles := desk.page.locator("h1").count()) != 1:
        found.append(f"{titles} main titles")
    text = desk.page.inner_text("body")
    if broken := _BROKEN.search(text):
        found.append(broken[0])
    return found + [f"“{one}” in a page in {language}" for one in _of_the_other(language) if one in text]


def unseen_focus(desk: Desk) -> list[str]:
    """The first tab stops of a page whose focus cannot be seen."""
    found = []
    for _ in range(_TAB_STOPS):
        desk.page.keyboard.press("Tab")
        found.append(str(desk.page.evaluate(_UNSEEN_FOCUS)))
    return [f"focus not seen on {one}" for one in found if one]


@cache
def _of_the_other(language: str) -> tuple[str, ...]:
    """Our own words of the other language that are long enough to be no data."""
    if language == "en":
        return tuple({zh for zh, _ in TEXTS.values() if len(re.findall(r"[\u3400-\u9fff]", zh)) > 6})
    return tuple({en for _, en in TEXTS.values() if len(en.split()) > 3})
