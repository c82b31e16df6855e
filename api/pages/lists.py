"""The lists that people work from: what it is their turn to do, and every case within their sight."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency

from api.pages.bulk import acts_for_many
from api.pages.rendering import asks_for_part, go_to, page
from api.pages.visit import Visit
from api.rest.cursors import UrgentPlace, read_cursor, write_cursor
from engine import reading
from engine.lights import lights_of
from workflows.errors import Malformed
from workflows.flow import State
from workflows.party import mask_name

PAGE_SIZE: Final = 50
_FILTERS: Final = ("state", "item", "due_before", "owner", "priority")

Row = dict[str, Any]


@get("/")
async def tasks_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """What waits for the reader, those with priority first, then the most urgent."""
    rows = await reading.list_tasks(visit.context, visit.actor, after=_after(visit), limit=PAGE_SIZE)
    template = "task_rows.html" if asks_for_part(visit.request) else "tasks.html"
    return page(visit.request, template, **await _listed(visit, rows))


@get("/cases")
async def cases_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Every case within the reader's sight, by state, item, due date, owner and priority; a number opens its case."""
    if number := visit.asked("number"):
        case, _ = await reading.seen_case(visit.context, visit.actor, number)
        return go_to(f"/cases/{case['number']}")
    rows = await reading.list_cases(
        visit.actor,
        states=[visit.asked("state")] if visit.asked("state") else None,
        item=visit.asked("item") or None,
        due_before=_start_of(visit.asked("due_before"), visit),
        priority=bool(visit.asked("priority")),
        mine=bool(visit.asked("owner")),
        after=_after(visit),
        limit=PAGE_SIZE,
    )
    filters = {name: visit.asked(name) for name in _FILTERS}
    return page(visit.request, "cases.html", **await _listed(visit, rows), filters=filters)


def _after(visit: Visit) -> tuple[int, str, Any]:
    cursor = visit.asked("cursor")
    if not cursor:
        return reading.NOWHERE
    place = read_cursor(cursor, UrgentPlace)
    return place.rank, place.urgency, place.id


def _start_of(text: str, visit: Visit) -> datetime | None:
    """The beginning of a day in the hall's time.

    :raises Malformed: ``date_wrong`` when it is no date.
    """
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Malformed("date_wrong", "日期格式应为 2026-03-02。", "A date looks like 2026-03-02.") from None
    return datetime.combine(day, time.min, visit.wording.zone)


async def _listed(visit: Visit, rows: list[Row]) -> Row:
    """What a list shows: its rows with lights and titles, states to choose from, acts for many, the next page."""
    flows = await visit.context.newest_flows()
    states = {name: state for flow in flows for name, state in flow.states.items()}
    lights = await lights_of(visit.context, rows, visit.now)
    full = len(rows) == PAGE_SIZE
    return {
        "rows": [_row(row, lights.get(row["id"]), states, visit) for row in rows],
        "states": {name: visit.wording.of(state) for name, state in states.items()},
        "acts": acts_for_many(flows, {row["state"] for row in rows}, visit.actor, visit.wording),
        "next_page": _next_page(visit, rows[-1]) if full else None,
        "further": bool(visit.asked("cursor")),
    }


def _row(row: Row, light: str | None, states: dict[str, State], visit: Visit) -> Row:
    applicant = row["applicant"]
    name = mask_name(applicant["name"]) if applicant["kind"] == "person" else applicant["name"]
    state = states.get(row["state"])
    title = visit.wording.of(state) if state else row["state"]
    return {**row, "light": light or "none", "applicant_name": name, "state_title": title}


def _next_page(visit: Visit, last: Row) -> str:
    cursor = write_cursor(UrgentPlace(last["rank"], last["urgency"], last["id"]))
    kept = {name: visit.asked(name) for name in _FILTERS if visit.asked(name)}
    return f"{visit.request.url.path}?{urlencode({**kept, 'cursor': cursor})}"
