"""GET items, flows, calendar: what is published."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import get
from litestar.params import FromPath, QueryParameter

from api.rest.answers import Days, ItemPage, ItemRow, shape, shapes
from api.rest.cursors import CodePlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Engine, Now
from engine import browsing

_TAG = ["catalogue"]


@get("/items", operation_id="listItems", summary="Items in force today", tags=_TAG, responses=problems(401))
async def list_items(
    context: Engine,
    now: Now,
    text: Annotated[str, QueryParameter(max_length=100, description="Part of the item's name.")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ItemPage:
    """List the items in force today, by code."""
    after = read_cursor(cursor, CodePlace).code if cursor is not None else ""
    rows = await browsing.list_items(context, now, text=text, after=after, limit=limit)
    more = write_cursor(CodePlace(rows[-1]["code"])) if len(rows) == limit else None
    return ItemPage(shapes(ItemRow, rows), more)


@get("/items/{code:str}", operation_id="readItem", summary="One item", tags=_TAG, responses=problems(401, 404))
async def read_item(context: Engine, now: Now, code: FromPath[str]) -> dict[str, Any]:
    """Read an item as published: limits with unit and basis, questions of situation, material list, result."""
    return await browsing.read_item(context, code, now)


@get("/flows/{name:str}", operation_id="readFlow", summary="One procedure", tags=_TAG, responses=problems(401, 404))
async def read_flow(context: Engine, now: Now, name: FromPath[str]) -> dict[str, Any]:
    """Read the version of a procedure that is in force today: states, and steps with who, condition and article."""
    return await browsing.read_flow(context, name, now)


@get("/calendar", operation_id="readCalendar", summary="Working days", tags=_TAG, responses=problems(401))
async def read_calendar(
    context: Engine,
    now: Now,
    first: Annotated[date, QueryParameter(name="from", description="First day.")],
    last: Annotated[date, QueryParameter(name="to", description="Last day, included; at most 400 days in all.")],
) -> Days:
    """Read the days between two dates. Days that no notice covers yet are counted as plain weekdays and say so."""
    return shape(Days, await browsing.read_days(context, first, last, now))
