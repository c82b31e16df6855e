"""The lists that people work from: what it is their turn to do, and every case within their sight."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency

from api.pages.bulk import acts_for_many
from api.pages.rendering import asks_for_part, go_to, page
from api.pages.visit import Visit
from api.rest.cursors import UrgentPlace, read_cursor, write_cursor
from engine import listing, reading
from engine.administration.waiting import WITHOUT_CASES, waiting_for
from workflows.errors import Malformed
from workflows.light import Light
from workflows.party import mask_name

PAGE_SIZE: Final = 50
MOST_COUNTED: Final = 999
"""Beyond this a count only says that there are more."""
FILTERS: Final = ("state", "item", "due_before", "owner", "priority", "light")

Row = dict[str, Any]


@get("/")
async def tasks_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """What waits for the reader, those with priority first, then the most urgent; with ``light``, what stands so."""
    waiting = await waiting_for(visit.actor, visit.now)
    if waiting and visit.actor.roles <= WITHOUT_CASES:
        return page(visit.request, "waiting.html", waiting=waiting)
    light = _light(visit)
    standing = listing.standing(light, visit.now)
    rows = await reading.list_tasks(visit.context, visit.actor, standing=standing, after=_after(visit), limit=PAGE_SIZE)
    counts = await listing.count_tasks(visit.context, visit.actor, visit.now)
    template = "task_rows.html" if asks_for_part(visit.request) else "tasks.html"
    listed = await _listed(visit, rows)
    return page(
        visit.request,
        template,
        **listed,
        light=light,
        counts=_counts(counts),
        any_address=_address(visit),
        waiting=waiting,
    )


@get("/cases")
async def cases_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Every case within the reader's sight, by what the filters ask for; a number opens its case."""
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
        standing=listing.standing(_light(visit), visit.now),
        after=_after(visit),
        limit=PAGE_SIZE,
    )
    filters = {name: visit.asked(name) for name in FILTERS}
    template = "cases_rows.html" if asks_for_part(visit.request) else "cases.html"
    return page(visit.request, template, **await _listed(visit, rows), filters=filters, lights=list(listing.WARNING))


def _light(visit: Visit) -> Light | None:
    """The light that is asked for.

    :raises Malformed: ``light_unknown``.
    """
    asked = visit.asked("light")
    if asked and asked not in listing.WARNING:
        raise Malformed(
            "light_unknown", "没有这种期限状态，请从页面上选择。", "There is no such light; choose one of the page."
        )
    return Light(asked) if asked else None


def _counts(counts: Mapping[Light, int]) -> list[tuple[Light, str]]:
    """The lights with how many cases stand so, in words where no more are counted."""
    return [(light, f"{MOST_COUNTED}+" if many >= MOST_COUNTED else str(many)) for light, many in counts.items()]


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


async def state_titles(visit: Visit) -> dict[tuple[str, str], str]:
    """What each flow calls each of its states, by flow and state."""
    flows = await visit.context.newest_flows()
    return {(flow.name, name): visit.wording.of(state) for flow in flows for name, state in flow.states.items()}


async def _listed(visit: Visit, rows: list[Row]) -> Row:
    """What a list shows: its rows with lights and titles, states to choose from, acts for many, the next page."""
    flows = await visit.context.newest_flows()
    titles = await state_titles(visit)
    full = len(rows) == PAGE_SIZE
    return {
        "rows": [_row(row, titles, visit) for row in rows],
        "states": state_choices(titles),
        "acts": acts_for_many(flows, {row["state"] for row in rows}, visit.actor, visit.wording),
        "next_page": _next_page(visit, rows[-1]) if full else None,
        "further": bool(visit.asked("cursor")),
        "first_page": _address(visit, keep=True),
    }


def state_choices(titles: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """The states to choose from by name; one that flows call differently with all that they call it."""
    called: dict[str, dict[str, None]] = {}
    for (_, name), title in titles.items():
        called.setdefault(name, {})[title] = None
    return {name: " / ".join(words) for name, words in called.items()}


def _row(row: Row, titles: Mapping[tuple[str, str], str], visit: Visit) -> Row:
    applicant = row["applicant"]
    name = mask_name(applicant["name"]) if applicant["kind"] == "person" else applicant["name"]
    title = titles.get((row["flow"], row["state"]), row["state"])
    light = listing.light_at(row, visit.now) or "none"
    return {**row, "light": light, "applicant_name": name, "state_title": title}


def _next_page(visit: Visit, last: Row) -> str:
    cursor = write_cursor(UrgentPlace(last["rank"], last["urgency"], last["id"]))
    return f"{visit.request.url.path}?{urlencode({**_kept(visit), 'cursor': cursor})}"


def _address(visit: Visit, *, keep: bool = False) -> str:
    """The first page of this list, with what was asked for where that is to be kept."""
    asked = _kept(visit) if keep else {}
    return f"{visit.request.url.path}?{urlencode(asked)}" if asked else visit.request.url.path


def _kept(visit: Visit) -> dict[str, str]:
    return {name: visit.asked(name) for name in FILTERS if visit.asked(name)}
