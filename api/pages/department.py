"""What waits in the reader's departments: for being signed in, reviewed, approved, by due, and many at once."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency

from api.pages.bulk import acts_for_many
from api.pages.rendering import asks_for_part, page
from api.pages.visit import Visit
from api.rest.cursors import UrgentPlace, read_cursor, write_cursor
from engine import department_tasks, listing
from engine.audit_desk.holding_findings import count_awaiting
from workflows.party import mask_name

PAGE_SIZE: Final = 50
HERE: Final = "/department"

Row = dict[str, Any]


@get(HERE)
async def department_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The cases that wait in the reader's departments; ``stage`` and ``item`` say which of them."""
    asked = {name: visit.asked(name) for name in ("stage", "item")}
    cursor = visit.asked("cursor")
    place = read_cursor(cursor, UrgentPlace) if cursor else None
    rows = await department_tasks.list_department_tasks(
        visit.context,
        visit.actor,
        state=asked["stage"],
        item=asked["item"],
        after=(place.rank, place.urgency, place.id) if place else listing.NOWHERE,
        limit=PAGE_SIZE,
    )
    kept = {name: value for name, value in asked.items() if value}
    return page(
        visit.request,
        "department_rows.html" if asks_for_part(visit.request) else "department.html",
        rows=[_row(row, visit) for row in rows],
        findings=await count_awaiting(visit.context, visit.actor, visit.now),
        **await _beside(visit, rows, asked),
        asked=asked,
        next_page=_next(rows[-1], kept) if len(rows) == PAGE_SIZE else None,
        further=bool(cursor),
        first_page=_address(kept),
    )


async def _beside(visit: Visit, rows: list[Row], asked: dict[str, str]) -> Row:
    """The stages and items to choose from with how many cases each has, and the acts for many."""
    flows = await visit.context.newest_flows()
    titles = {name: visit.wording.of(state) for flow in flows for name, state in flow.states.items()}
    counts = await department_tasks.count_waiting(visit.context, visit.actor)
    turn = await department_tasks.states_of_turn(visit.context, visit.actor)
    stages: dict[str, int] = {}
    items: dict[str, tuple[str, int]] = {}
    for row in counts:
        stages[row["state"]] = stages.get(row["state"], 0) + row["cases"]
        if row["state"] in ([asked["stage"]] if asked["stage"] else turn):
            before = items.get(row["item_code"], ("", 0))[1]
            items[row["item_code"]] = (visit.wording.of(row, "item_name"), before + row["cases"])
    order = [name for name in titles if name in stages]
    return {
        "stages": [(name, titles[name], _told(stages[name]), _address({"stage": name})) for name in order],
        "turn_count": _told(sum(stages.get(name, 0) for name in turn)),
        "items": items,
        "state_titles": titles,
        "acts": acts_for_many(flows, {row["state"] for row in rows}, visit.actor, visit.wording),
    }


def _told(many: int) -> str:
    """A count in words where no more are counted."""
    return str(many) if many < department_tasks.MOST_COUNTED else f"{department_tasks.MOST_COUNTED}+"


def _row(row: Row, visit: Visit) -> Row:
    applicant = row["applicant"]
    name = mask_name(applicant["name"]) if applicant["kind"] == "person" else applicant["name"]
    return {**row, "light": listing.light_at(row, visit.now) or "none", "applicant_name": name}


def _next(last: Row, kept: dict[str, str]) -> str:
    return _address({**kept, "cursor": write_cursor(UrgentPlace(last["rank"], last["urgency"], last["id"]))})


def _address(asked: dict[str, str]) -> str:
    return f"{HERE}?{urlencode(asked)}" if asked else HERE
