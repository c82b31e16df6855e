"""Compliance with the one-time notice: each rule over a period, what breaks it, and cases side by side."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal

from litestar import get
from litestar.params import FromPath, QueryParameter

from api.rest.answers import shape, shapes
from api.rest.compliance_answers import BreachPage, BreachRow, Compliance, SideBySide
from api.rest.cursors import AmountPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Caller, Engine, Now
from engine.compliance import complying
from engine.figures.asking import Asked

_TAG: Final = ["compliance"]
_PROBLEMS: Final = problems(401, 403, 404, 409)
Since = Annotated[date, QueryParameter(name="from", description="First hall day.")]
Until = Annotated[date, QueryParameter(name="to", description="Last hall day, included; five years later at most.")]
Hall = Annotated[str | None, QueryParameter(max_length=60, description="Only this hall, by its code.")]
Department = Annotated[str | None, QueryParameter(max_length=60, description="Only this department, by its code.")]
AsOf = Annotated[
    datetime | None,
    QueryParameter(
        description="As the trail told it at that moment (RFC 3339 with zone); default: the newest settled."
    ),
]


@get("/compliance", operation_id="readCompliance", summary="The one-time notice over a period", tags=_TAG,
     responses=_PROBLEMS)  # fmt: skip
async def read_compliance(
    *,
    context: Engine,
    actor: Caller,
    since: Since,
    until: Until,
    hall: Hall = None,
    department: Department = None,
    as_of: AsOf = None,
) -> Compliance:
    """Read rules A1 to A7 over a period, each with the definition of its figure and how much breaks it."""
    asked = _asked(since, until, hall, department, as_of)
    return shape(Compliance, await complying.read_compliance(context, actor, asked))


@get("/compliance/{rule:str}", operation_id="listBreaches", summary="What breaks a rule", tags=_TAG,
     responses=_PROBLEMS)  # fmt: skip
async def list_breaches(
    *,
    context: Engine,
    actor: Caller,
    rule: FromPath[Literal["A1", "A2", "A3", "A5", "A6", "A7"]],
    since: Since,
    until: Until,
    hall: Hall = None,
    department: Department = None,
    as_of: AsOf = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> BreachPage:
    """List what breaks a rule with the notices concerned, line by line beside the first; amounts add up to the rule."""
    after = complying.FIRST
    if cursor is not None:
        place = read_cursor(cursor, AmountPlace)
        after = complying.Behind(place.id, place.place)
    asked = _asked(since, until, hall, department, as_of)
    rows = await complying.list_breaches(context, actor, rule, asked, after=after, limit=limit)
    more = write_cursor(AmountPlace(rows[-1]["key"], rows[-1]["place"])) if len(rows) == limit else None
    return BreachPage(shapes(BreachRow, rows), more)


@get("/compliance/cases/{number:str}", operation_id="readSideBySide", summary="The notices of a case, side by side",
     tags=_TAG, responses=problems(401, 403, 404))  # fmt: skip
async def read_side_by_side(context: Engine, actor: Caller, now: Now, number: FromPath[str]) -> SideBySide:
    """Read every notice of a case beside the first one, and what lapsed where none was given; the look is logged."""
    return shape(SideBySide, await complying.read_case(context, actor, number, now))


def _asked(since: date, until: date, hall: str | None, department: str | None, as_of: datetime | None) -> Asked:
    where = {"hall": hall, "department": department}
    return Asked(since, until, (), {name: code for name, code in where.items() if code is not None}, as_of)
