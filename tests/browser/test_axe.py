"""axe-core finds nothing serious on any page of any role, in either language."""

from __future__ import annotations

import pytest

from tests.browser.axe import findings
from tests.browser.conftest import At
from tests.browser.desk import Desk

ROLES = ["clerk", "approver", "issuer", "agent", "hall_manager", "supervisor", "auditor", "item_steward", "assessor",
         "system_admin", "security_admin"]  # fmt: skip
OPEN = ["/sign-in", "/status", "/guide/items"]


def linked(desk: Desk) -> list[str]:
    """The pages of the menu."""
    entries = desk.page.locator("nav.rail a")
    return [str(entries.nth(n).get_attribute("href")) for n in range(entries.count())]


def look(desk: Desk, paths: list[str]) -> list[str]:
    found = []
    for language in ("zh", "en"):
        desk.go(f"/language/{language}?next=/status")
        for path in paths:
            desk.go(path)
            found += [f"{language} {one}" for one in findings(desk.page)]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_menu(at_desk: At, role: str) -> None:
    desk = at_desk(role)
    assert look(desk, linked(desk)) == []


def test_the_pages_of_nobody(at_desk: At) -> None:
    assert look(at_desk(), OPEN) == []
