"""The board of cards: what stands within the reader's organisation, for those who watch over it."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency

from api.pages.lists import state_titles
from api.pages.rendering import page
from api.pages.visit import Visit
from api.rest.cursors import MomentPlace, read_cursor, write_cursor
from engine import overseeing

PAGE_SIZE: Final = 50
_LEVELS: Final = ("red", "yellow", "amber")


@get("/cards")
async def board_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The cards that count, the newest first; of one level where the reader asks for it."""
    cursor, level = visit.asked("cursor"), visit.asked("level")
    place = read_cursor(cursor, MomentPlace) if cursor else None
    rows = await overseeing.list_board(
        visit.context,
        visit.actor,
        levels=[level] if level in _LEVELS else None,
        after=(place.at, place.id) if place else None,
        limit=PAGE_SIZE,
    )
    asked = level if level in _LEVELS else ""
    following = None
    if len(rows) == PAGE_SIZE:
        after = write_cursor(MomentPlace(rows[-1]["raised_at"], rows[-1]["id"]))
        following = f"/cards?level={asked}&cursor={after}"
    titles = await state_titles(visit)
    for row in rows:
        row["state_title"] = titles.get((row["flow"], row["case_state"]), row["case_state"])
    return page(
        visit.request,
        "cards.html",
        rows=rows,
        levels=_LEVELS,
        level=asked,
        next_page=following,
        first_page=f"/cards?level={asked}" if asked else "/cards",
        further=bool(cursor),
    )
