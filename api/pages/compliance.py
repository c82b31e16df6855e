"""Pages about the one-time notice: rules over a period, what breaks them, and a case side by side, fit for print."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.rendering import page
from api.pages.timeline import role_title
from api.pages.visit import Visit
from api.rest.cursors import AmountPlace, read_cursor, write_cursor
from engine.compliance import complying
from engine.figures.asking import Asked
from engine.figures.figure_board import places_within
from workflows.errors import Malformed
from workflows.hall_hours import HallHours

PAGE_SIZE: Final = 20
_WHERE: Final = ("hall", "department")

Row = dict[str, Any]


@get("/compliance")
async def compliance_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Rules A1 to A7 over a period, by default this month up to today; each number leads to what breaks the rule."""
    typed = _typed(visit)
    found = await complying.read_compliance(visit.context, visit.actor, _asked(typed))
    places = await places_within(visit.actor)
    return page(visit.request, "compliance.html", found=found, typed=typed, query=_query(typed), places=places)


@get("/compliance/{rule:str}")
async def breaches_page(visit: NamedDependency[Visit], rule: FromPath[str]) -> Response[Any]:
    """What breaks a rule over a period, each with the notices concerned."""
    typed, cursor = _typed(visit), visit.asked("cursor")
    after = complying.FIRST
    if cursor:
        place = read_cursor(cursor, AmountPlace)
        after = complying.Behind(place.id, place.place)
    rows = await complying.list_breaches(
        visit.context, visit.actor, rule, _asked(typed), after=after, limit=PAGE_SIZE
    )  # fmt: skip
    following = None
    if len(rows) == PAGE_SIZE:
        more = write_cursor(AmountPlace(rows[-1]["key"], rows[-1]["place"]))
        following = f"/compliance/{rule}?{_query(typed | {'cursor': more})}"
    return page(
        visit.request,
        "compliance_breaches.html",
        rule=rule,
        rows=rows,
        typed=typed,
        query=_query(typed),
        next_page=following,
        further=bool(cursor),
        materials=await complying.material_names(visit.context, [row["case"] for row in rows]),
        **await _words(visit),
    )


@get("/compliance/cases/{number:str}")
async def side_by_side_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """Every notice of a case beside the first one, and what lapsed where none was given."""
    found = await complying.read_case(visit.context, visit.actor, number, visit.now)
    materials = await complying.material_names(visit.context, [number])
    return page(visit.request, "compliance_case.html", found=found, materials=materials[number], **await _words(visit))


async def _words(visit: Visit) -> Row:
    """The titles of states and acts, of roles, and of departments."""
    places = await places_within(visit.actor)
    flows = await visit.context.newest_flows()
    states = {name: visit.wording.of(state) for flow in flows for name, state in flow.states.items()}
    acts = {step.definition.action.value: visit.wording.of(step.definition) for flow in flows for step in flow.steps}
    return {"states": states, "acts": acts, "role_title": role_title,
            "departments": {one["code"]: visit.wording.of(one, "name") for one in places["departments"]}}  # fmt: skip


def _typed(visit: Visit) -> dict[str, str]:
    """What the form holds: the period, by default this month up to today, and the places."""
    today = HallHours().day(visit.now)
    period = {"from": visit.asked("from") or f"{today:%Y-%m}-01", "to": visit.asked("to") or today.isoformat()}
    return period | {name: visit.asked(name) for name in _WHERE}


def _asked(typed: dict[str, str]) -> Asked:
    """The question as typed.

    :raises Malformed: ``date_wrong``.
    """
    try:
        since, until = date.fromisoformat(typed["from"]), date.fromisoformat(typed["to"])
    except ValueError:
        raise Malformed("date_wrong", "日期格式应为 2026-03-02。", "A date looks like 2026-03-02.") from None
    return Asked(since, until, (), {name: typed[name] for name in _WHERE if typed[name]})


def _query(typed: dict[str, str]) -> str:
    return urlencode({name: value for name, value in typed.items() if value})
