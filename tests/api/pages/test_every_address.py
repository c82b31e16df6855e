"""The list of pages that a browser looks at is whole: a new page cannot be forgotten, nor one that is gone kept."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from litestar import Router

from api.pages import PAGES
from tests.browser.every_page import EVERY_PAGE, NO_PAGES

DOCS = Path(__file__).resolve().parents[3] / "docs"


def _routes() -> set[str]:
    """The addresses that answer a browser's question, with their parameters in braces."""
    routers = [one for one in PAGES if isinstance(one, Router)]
    return {route.path for router in routers for route in router.routes if "GET" in getattr(route, "methods", ())}


def _of(path: str, routes: set[str]) -> str:
    """The address of the application that a listed one belongs to: the one with the fewest parameters that fits."""

    def fits(route: str) -> bool:
        own, other = path.split("/"), route.split("/")
        return len(own) == len(other) and all(b.startswith("{") or a == b for a, b in zip(own, other, strict=True))

    return min((route for route in routes if fits(route)), key=lambda route: route.count("{"), default="")


def test_every_page_is_looked_at_in_a_browser() -> None:
    routes = _routes()
    assert len(routes) > 80
    shown = {_of(page.path, routes) for page in EVERY_PAGE}
    assert routes - shown == set(NO_PAGES)


def test_every_address_in_the_list_is_one_of_a_page() -> None:
    routes = _routes()
    strange = {page.name for page in EVERY_PAGE if not _of(page.path, routes)}
    assert strange == {"not-found-outside"}  # shown for what it is
    twice = [name for name, times in Counter(page.name for page in EVERY_PAGE).items() if times > 1]
    assert twice == []  # a picture each


def test_every_picture_in_a_guide_is_there_and_is_described() -> None:
    for guide in sorted(DOCS.glob("guide-*.md")):
        for words, picture in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", guide.read_text("utf-8")):
            assert words, (guide.name, picture)
            assert (DOCS / picture).is_file(), (guide.name, picture)
