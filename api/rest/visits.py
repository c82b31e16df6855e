"""上门服务: on-site visits, booked and recorded."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import DayPlace, read_cursor, write_cursor
from api.rest.mandate_answers import VisitBooked, VisitPage, VisitRow, VisitState
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine.mandates import visiting
from engine.mandates.visiting import Visited, Visiting

_TAG = ["visits"]
_WANTED: Final = Example(
    summary="To a grandmother who cannot come",
    value={
        "principal": {
            "kind": "person", "name": "示例一", "id_kind": "resident_id", "id_number": "11010519491231002X",
        },
        "day": "2026-03-03", "at": "09:00:00", "place": "示例市示例区示例街道示例路3号", "in_area": True,
        "immobile": True, "matter": "签署授权委托书", "first": "agent", "second": "guide",
    },
)  # fmt: skip
_MADE: Final = Example(
    summary="It took place", value={"took_place": True, "conscious": True, "outcome": "本人签署委托书。"}
)


@post("/visits", operation_id="bookVisit", summary="Book an on-site visit", tags=_TAG, dto=Strict[Visiting],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def book_visit(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Visiting, Body(examples=[_WANTED])],
    key: IdempotencyKey = None,
) -> VisitBooked:
    """Book a visit by two people of the hall, within its area, to somebody who cannot come."""
    return shape(VisitBooked, await visiting.book_visit(context, actor, data, now, key_of(key)))


@get("/visits", operation_id="listVisits", summary="On-site visits", tags=_TAG, responses=problems(401))
async def list_visits(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    since: Annotated[date | None, QueryParameter(description="From this day on; today without.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> VisitPage:
    """List the visits of the caller's halls and those that the caller makes, the earliest first."""
    place = read_cursor(cursor, DayPlace) if cursor is not None else None
    after = (place.day, place.id) if place else None
    rows = await visiting.list_visits(context, actor, now, since=since, after=after, limit=limit)
    more = write_cursor(DayPlace(rows[-1]["day"], rows[-1]["id"])) if len(rows) == limit else None
    return VisitPage(shapes(VisitRow, rows), more)


@post("/visits/{visit:uuid}/record", operation_id="recordVisit", summary="Record a visit", tags=_TAG, status_code=200,
      dto=Strict[Visited], return_dto=None, responses=problems(401, 404, 409, 413, 415))  # fmt: skip
async def record_visit(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    visit: FromPath[UUID],
    data: Annotated[Visited, Body(examples=[_MADE])],
    key: IdempotencyKey = None,
) -> VisitState:
    """Record what became of a visit, by one of the two people who made it."""
    return shape(VisitState, await visiting.record_visit(context, actor, visit, data, now, key_of(key)))
