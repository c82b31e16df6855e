"""The warning board and the lists behind its numbers, for those who watch over limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency

from api.pages.lists import state_titles
from api.pages.rendering import page
from api.pages.visit import Visit
from api.rest.cursors import MomentPlace, read_cursor, write_cursor
from engine.audit_desk.holding_findings import count_awaiting
from engine.choices import places_seen
from engine.compliance import warning_board
from engine.compliance.warning_board import OWED, PRESSINGS, WHENS
from engine.figures.wall import WALL_ROLES, read_windows
from workflows.errors import Malformed, Unavailable
from workflows.hall_hours import HallHours

PAGE_SIZE: Final = 50
_LEVELS: Final = {light.value: light for light in warning_board.RANKS}

Row = dict[str, Any]


@get("/board")
async def warning_board_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Every number of the board, each a link to its list; it looks again by itself where the reader asks for it."""
    board = await warning_board.read_board(visit.context, visit.actor, visit.now)
    windows, missing = [], None
    try:
        windows = await read_windows(visit.context, visit.actor, visit.now)
    except Unavailable as problem:  # the limits are read from elsewhere and are shown without the windows
        missing = problem
    return page(
        visit.request,
        "board.html",
        board=board,
        whens=WHENS,
        pressings=PRESSINGS,
        windows=windows,
        windows_missing=missing,
        findings=await count_awaiting(visit.context, visit.actor, visit.now),
        day=HallHours().day(visit.now),
        may_wall=not visit.actor.roles.isdisjoint(WALL_ROLES),
        again=bool(visit.asked("again")),
    )


@get("/board/cases")
async def warned_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The cases behind a number of the board."""
    level = _chosen(visit, "level", tuple(_LEVELS))
    when = _chosen(visit, "when", WHENS)
    rows = await warning_board.list_warned(
        visit.context,
        visit.actor,
        visit.now,
        level=_LEVELS[level],
        when=when,
        department=visit.asked("department") or None,
        person=visit.asked("person") or None,
        after=_after(visit),
        limit=PAGE_SIZE,
    )
    titles = await state_titles(visit)
    for row in rows:
        row["state_title"] = titles.get((row["flow"], row["state"]), row["state"])
    asked = {"level": level, "when": when} | {name: visit.asked(name) for name in ("department", "person")}
    return page(
        visit.request,
        "board_cases.html",
        rows=rows,
        asked=asked,
        levels=tuple(_LEVELS),
        whens=WHENS,
        places=await places_seen(visit.actor),
        next_page=_following("/board/cases", asked, rows, "red_at"),
        first_page=_address("/board/cases", asked),
        further=bool(visit.asked("cursor")),
    )


@get("/board/owed")
async def owed_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """What is owed, behind a number of the board."""
    kind = _chosen(visit, "kind", OWED)
    pressing = _chosen(visit, "pressing", PRESSINGS)
    rows = await warning_board.list_owed(
        visit.context,
        visit.actor,
        visit.now,
        kind=kind,
        pressing=pressing,
        department=visit.asked("department") or None,
        after=_after(visit),
        limit=PAGE_SIZE,
    )
    asked = {"kind": kind, "pressing": pressing, "department": visit.asked("department")}
    return page(
        visit.request,
        "board_owed.html",
        rows=rows,
        asked=asked,
        kinds=OWED,
        pressings=PRESSINGS,
        places=await places_seen(visit.actor),
        next_page=_following("/board/owed", asked, rows, "at"),
        first_page=_address("/board/owed", asked),
        further=bool(visit.asked("cursor")),
    )


def _chosen(visit: Visit, name: str, known: tuple[Any, ...]) -> Any:
    """A choice out of a closed list; the first where nothing is asked for.

    :raises Malformed: ``choice_unknown``.
    """
    found = visit.asked(name) or known[0]
    if found not in known:
        raise Malformed(
            "choice_unknown", "没有这个选项，请从列表中选择。", "There is no such choice; take one of the list."
        )
    return found


def _after(visit: Visit) -> tuple[datetime, UUID]:
    cursor = visit.asked("cursor")
    if not cursor:
        return warning_board.FIRST
    place = read_cursor(cursor, MomentPlace)
    return place.at, place.id


def _following(path: str, asked: Row, rows: list[Row], place: str) -> str | None:
    """The address of the next page; None where this one is the last."""
    if len(rows) < PAGE_SIZE:
        return None
    return _address(path, asked | {"cursor": write_cursor(MomentPlace(rows[-1][place], rows[-1]["id"]))})


def _address(path: str, asked: Row) -> str:
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"
