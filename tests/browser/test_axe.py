"""Every page of every role is usable by everybody: in both languages, at 1366 × 768, at 200 %, by keyboard."""

from __future__ import annotations

import pytest

from tests.browser.conftest import At
from tests.browser.every_page import EVERY_PAGE
from tests.browser.faults import NARROW, PHONE, WIDE, faults, show, too_wide, unseen_focus

READERS = list(dict.fromkeys(page.who for page in EVERY_PAGE))


@pytest.mark.parametrize("who", READERS)
def test_every_page(at_desk: At, things: dict[str, str], who: str) -> None:
    desk, wrong = at_desk(who), list[str]()
    for language, size, other in (("zh", WIDE, NARROW), ("en", NARROW, WIDE)):
        desk.context.set_offline(False)
        desk.go(f"/language/{language}?next=/status")
        for shown in EVERY_PAGE:
            if shown.who != who:
                continue
            desk.page.set_viewport_size(size)
            show(desk, shown, things)
            found = faults(desk, language) + too_wide(desk, size) + too_wide(desk, other)
            found += [] if who else too_wide(desk, PHONE)
            found += unseen_focus(desk) if size == WIDE else []
            wrong += [f"{language} {shown.name}: {one}" for one in found]
    assert wrong == [], "\n".join(wrong)


def test_large_type_is_large(at_desk: At, things: dict[str, str]) -> None:
    """Pages for applicants are read without glasses: 20 px and more, buttons as high as a finger is wide."""
    desk = at_desk()
    for shown in EVERY_PAGE:
        if shown.name in {"status", "status-ask", "status-prove", "rating", "guide", "guide-item"}:
            show(desk, shown, things)
            size = desk.page.evaluate("() => parseFloat(getComputedStyle(document.querySelector('main')).fontSize)")
            assert size >= 20, (shown.name, size)
            button = desk.page.locator("main button").first.bounding_box()
            assert button is not None, shown.name
            assert button["height"] >= 40, (shown.name, button)
