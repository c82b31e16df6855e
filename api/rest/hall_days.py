"""Days of the hall: what an edition of the calendar changed, and closures beyond the calendar."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import DayPlace, KeyPlace, read_cursor, write_cursor
from api.rest.hall_answers import Closed, ClosurePage, ClosureRow, RecountPage, RecountRow, RecountView
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine import appointing, recounting
from workflows.payload import Code, Text

_TAG = ["calendar"]
_FIRST: Final = UUID(int=0)
_TYPHOON: Final = Example(summary="A typhoon", value={"day": "2026-09-22", "reason": "台风停止办公"})


class Closing(Struct, forbid_unknown_fields=True, frozen=True):
    """A day on which a hall does not open, and why; ``hall`` only for who manages several."""

    day: date
    reason: Text
    hall: Code | None = None


@get("/calendar/recounts", operation_id="listRecounts", summary="Recounts", tags=_TAG, responses=problems(401))
async def list_recounts(cursor: Cursor = None, limit: Limit = 50) -> RecountPage:
    """List what every imported edition of a year led to: how many cases were looked at and changed."""
    after = read_cursor(cursor, KeyPlace).id if cursor is not None else _FIRST
    rows = await recounting.list_recounts(after=after, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return RecountPage(shapes(RecountRow, rows), more)


@get("/calendar/recounts/{recount:uuid}", operation_id="readRecount", summary="One recount", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def read_recount(actor: Caller, recount: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50) -> RecountView:
    """Read one recount with each limit that it changed, of the cases within the caller's reach."""
    after = read_cursor(cursor, KeyPlace).id if cursor is not None else _FIRST
    found = await recounting.read_recount(actor, recount, after=after, limit=limit)
    lines = found["lines"]
    more = write_cursor(KeyPlace(lines[-1]["id"])) if len(lines) == limit else None
    return shape(RecountView, {**found, "next": more})


@post("/closures", operation_id="declareClosure", summary="Close a hall for a day", tags=_TAG, dto=Strict[Closing],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def declare_closure(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Closing, Body(examples=[_TYPHOON])],
    key: IdempotencyKey = None,
) -> Closed:
    """Declare a hall closed on a day: booked visits move to the next open one, legal limits stay as they are."""
    return shape(
        Closed,
        await appointing.declare_closure(context, actor, data.hall, data.day, data.reason, now, key_of(key)),
    )


@get("/closures", operation_id="listClosures", summary="Closures", tags=_TAG, responses=problems(401))
async def list_closures(
    *,
    actor: Caller,
    since: Annotated[date, QueryParameter(name="from", description="First day.")],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ClosurePage:
    """List the days from one on which the caller's halls are closed beyond the calendar."""
    place = read_cursor(cursor, DayPlace) if cursor is not None else None
    rows = await appointing.list_closures(actor, since, after=(place.day, place.id) if place else None, limit=limit)
    more = write_cursor(DayPlace(rows[-1]["day"], rows[-1]["id"])) if len(rows) == limit else None
    return ClosurePage(shapes(ClosureRow, rows), more)
