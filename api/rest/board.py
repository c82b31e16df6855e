"""The warning board: how cases stand and will stand, what is owed, and the lists behind every number."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import get
from litestar.params import QueryParameter

from api.rest.answers import shape, shapes
from api.rest.board_answers import Board, OwedPage, OwedRow, WarnedCase, WarnedPage
from api.rest.cursors import MomentPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Caller, Engine, Now
from engine.compliance import warning_board
from workflows.light import Light

_TAG: Final = ["oversight"]
_PROBLEMS: Final = problems(401, 403, 404)
Department = Annotated[str | None, QueryParameter(max_length=60, description="Only what it has, by its code.")]
Level = Annotated[Literal["red", "yellow", "amber"], QueryParameter(description="How the cases stand.")]
When = Annotated[
    Literal["now", "today", "next_day"],
    QueryParameter(description="Stand so now; come to on this hall day; come to by the end of the next working day."),
]
Holder = Annotated[str | None, QueryParameter(max_length=60, description="Only what they hold, by login; `-`: nobody.")]
Kind = Annotated[
    Literal[
        "supervision_reply", "overdue_explanation", "rater_contact", "rectification", "rater_follow_up", "card_appeal",
        "impasse_contact", "impasse_solution",
    ],
    QueryParameter(description="What is owed."),
]  # fmt: skip
Pressing = Annotated[
    Literal["open", "overdue", "today", "next_day"],
    QueryParameter(description="All of it; its moment has passed; still to pass this hall day, or the next one."),
]


@get("/board", operation_id="readBoard", summary="The warning board", tags=_TAG, responses=problems(401, 403))
async def read_board(context: Engine, actor: Caller, now: Now) -> Board:
    """Read how the cases within the caller's organisation stand, by department and person, and what is owed."""
    return shape(Board, await warning_board.read_board(context, actor, now))


@get("/board/cases", operation_id="listWarned", summary="Cases behind a number of the board", tags=_TAG,
     responses=_PROBLEMS)  # fmt: skip
async def list_warned(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    level: Level,
    when: When = "now",
    department: Department = None,
    person: Holder = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> WarnedPage:
    """List the cases that stand so or come to, those whose limit ends first at the head."""
    rows = await warning_board.list_warned(
        context, actor, now, level=Light(level), when=when, department=department, person=person,
        after=_after(cursor), limit=limit,
    )  # fmt: skip
    more = write_cursor(MomentPlace(rows[-1]["red_at"], rows[-1]["id"])) if len(rows) == limit else None
    return WarnedPage(shapes(WarnedCase, rows), more)


@get("/board/owed", operation_id="listBoardOwed", summary="What is owed, behind a number of the board", tags=_TAG,
     responses=_PROBLEMS)  # fmt: skip
async def list_owed(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    kind: Kind,
    pressing: Pressing = "open",
    department: Department = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> OwedPage:
    """List what is owed of one kind, the most pressing first; appeals, which have no day, by when they were made."""
    rows = await warning_board.list_owed(
        context, actor, now, kind=kind, pressing=pressing, department=department, after=_after(cursor), limit=limit
    )
    more = write_cursor(MomentPlace(rows[-1]["at"], rows[-1]["id"])) if len(rows) == limit else None
    return OwedPage(shapes(OwedRow, rows), more)


def _after(cursor: str | None) -> tuple[datetime, UUID]:
    if cursor is None:
        return warning_board.FIRST
    place = read_cursor(cursor, MomentPlace)
    return place.at, place.id
