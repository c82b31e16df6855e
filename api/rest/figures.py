"""Figures: what each counts, their numbers by any two dimensions, and the cases behind every number."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromPath, QueryParameter

from api.rest.answers import shape, shapes
from api.rest.cursors import AmountPlace, read_cursor, write_cursor
from api.rest.figure_answers import MetricAnswer, MetricCase, MetricCasePage, MetricDefinition, Metrics
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.state import Caller, Engine
from engine.figures import drilling, figuring
from engine.figures.asking import Asked
from engine.figures.drilling import Behind

_TAG: Final = ["metrics"]
_MANY: Final = 60
"""How many figures one call may name."""
Since = Annotated[date, QueryParameter(name="from", description="First hall day.")]
Until = Annotated[date, QueryParameter(name="to", description="Last hall day, included; five years later at most.")]
By = Annotated[
    str | None,
    QueryParameter(
        max_length=60,
        description="One or two dimensions, with a comma: hall, department, item, window, receiver, handler, channel,"
        " kind, and one of day, week, month, year.",
    ),
]
AsOf = Annotated[
    datetime | None,
    QueryParameter(
        description="As the trail told it at that moment (RFC 3339 with zone); default: the newest settled."
    ),
]
_Code = Annotated[str | None, QueryParameter(max_length=60, description="Only this one, by its code; `-`: without.")]
_Login = Annotated[str | None, QueryParameter(max_length=60, description="Only theirs, by login; `-`: nobody's.")]
Part = Annotated[
    Literal["numerator", "denominator", "rest"],
    QueryParameter(description="Of which number; `rest`: in the denominator and not in the numerator."),
]


@get("/metrics", operation_id="listMetrics", summary="What the figures count", tags=_TAG, responses=problems(401))
async def list_metrics(*, actor: Caller) -> Metrics:  # noqa: ARG001  # asks for a caller
    """List every figure with its definition: numerator, denominator, exclusions, period rule, source."""
    return Metrics(shapes(MetricDefinition, figuring.definitions()))


@get("/metrics/{name:str}", operation_id="readMetrics", summary="Figures of a period", tags=_TAG,
     responses=problems(401, 403, 404, 409))  # fmt: skip
async def read_metrics(
    *,
    context: Engine,
    actor: Caller,
    name: FromPath[str],
    since: Since,
    until: Until,
    by: By = None,
    hall: _Code = None,
    department: _Code = None,
    item: _Code = None,
    window: _Code = None,
    receiver: _Login = None,
    handler: _Login = None,
    channel: _Code = None,
    kind: _Code = None,
    as_of: AsOf = None,
) -> MetricAnswer:
    """Read figures of a period over the caller's halls and departments; several names are joined by commas."""
    where = _given(hall=hall, department=department, item=item, window=window, receiver=receiver, handler=handler,
                   channel=channel, kind=kind)  # fmt: skip
    asked = Asked(since, until, tuple(by.split(",")) if by else (), where, as_of)
    answer = await figuring.read_figures(context, actor, name.split(",", _MANY), asked)
    for figure in answer["figures"]:
        for numbers in (figure["total"], *figure["cells"]):
            numbers["cases"] = _behind(figure["name"], numbers, answer)
    return shape(MetricAnswer, answer)


@get("/metrics/{name:str}/cases", operation_id="listMetricCases", summary="The cases behind a figure", tags=_TAG,
     responses=problems(401, 403, 404, 409))  # fmt: skip
async def list_cases(
    *,
    context: Engine,
    actor: Caller,
    name: FromPath[str],
    since: Since,
    until: Until,
    part: Part = "numerator",
    hall: _Code = None,
    department: _Code = None,
    item: _Code = None,
    window: _Code = None,
    receiver: _Login = None,
    handler: _Login = None,
    channel: _Code = None,
    kind: _Code = None,
    as_of: AsOf = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> MetricCasePage:
    """List what a number is made of. A cell is asked for by its values and days; it names its address itself."""
    where = _given(hall=hall, department=department, item=item, window=window, receiver=receiver, handler=handler,
                   channel=channel, kind=kind)  # fmt: skip
    after = drilling.FIRST
    if cursor is not None:
        place = read_cursor(cursor, AmountPlace)
        after = Behind(place.id, place.place)
    asked = Asked(since, until, (), where, as_of)
    rows = await drilling.list_behind(context, actor, name, part, asked, after=after, limit=limit)
    more = write_cursor(AmountPlace(rows[-1]["key"], rows[-1]["place"])) if len(rows) == limit else None
    return MetricCasePage(shapes(MetricCase, rows), more)


def _given(**filters: str | None) -> dict[str, str]:
    return {name: value for name, value in filters.items() if value is not None}


def _behind(name: str, numbers: dict[str, Any], answer: dict[str, Any]) -> str:
    """The address of the rows behind these numbers, as of the same moment."""
    at = {key: value for key, value in numbers.get("at", {}).items() if key in numbers["labels"]}
    days = {"from": numbers.get("since", answer["since"]), "to": numbers.get("until", answer["until"])}
    asked = {**days, **answer["where"], **at, "as_of": answer["as_of"].isoformat()}
    return f"/api/v1/metrics/{name}/cases?{urlencode(asked)}"
