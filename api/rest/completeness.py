"""Figures of completeness: scans, receipts, handovers, down to the case."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import get
from litestar.params import FromPath, QueryParameter

from api.rest.answers import shape, shapes
from api.rest.cursors import MomentPlace, read_cursor, write_cursor
from api.rest.custody_answers import Completeness, CountedCase, CountedPage
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Caller, Engine
from engine.papers import completeness

_TAG = ["completeness"]
Since = Annotated[date, QueryParameter(name="from", description="First hall day.")]
Until = Annotated[date, QueryParameter(name="to", description="Last hall day, included; a year later at most.")]
Hall = Annotated[str | None, QueryParameter(name="hall", description="Code of the hall, for who works in several.")]
Met = Annotated[bool | None, QueryParameter(description="Only cases that meet the figure, or that do not.")]


@get("/completeness", operation_id="readCompleteness", summary="Figures of completeness", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def read_completeness(
    context: Engine, actor: Caller, since: Since, until: Until, hall: Hall = None
) -> Completeness:
    """Read each figure over the cases of a hall that ended in a period, with its numerator and denominator."""
    return shape(Completeness, await completeness.read_figures(context, actor, since, until, hall=hall))


@get("/completeness/{figure:str}", operation_id="listCounted", summary="Cases behind a figure", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def list_counted(
    *,
    context: Engine,
    actor: Caller,
    figure: FromPath[str],
    since: Since,
    until: Until,
    hall: Hall = None,
    met: Met = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CountedPage:
    """List the cases that a figure counts, each with whether it meets it."""
    after = completeness.FIRST
    if cursor is not None:
        place = read_cursor(cursor, MomentPlace)
        after = place.at, place.id
    rows = await completeness.list_counted(
        context, actor, figure, since, until, hall=hall, met=met, after=after, limit=limit
    )
    more = write_cursor(MomentPlace(rows[-1]["closed_at"], rows[-1]["id"])) if len(rows) == limit else None
    return CountedPage(shapes(CountedCase, rows), more)
