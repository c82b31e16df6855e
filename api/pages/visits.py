"""上门服务: visits to applicants who cannot come, booked for two people and recorded by one of them."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.agency import PRINCIPAL, parts_of, read_typed
from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.rest.cursors import DayPlace, read_cursor, write_cursor
from api.rest.requests import key_of
from engine.mandates import visiting
from engine.mandates.visiting import Visited, Visiting
from workflows.errors import Malformed, NotAuthenticated, YichuangError
from workflows.party import IdKind

PAGE_SIZE: Final = 50
_PLAIN: Final = ("day", "place", "matter", "first", "second", "hall")


@get("/visits")
async def visits_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The visits of the reader's halls and those that the reader makes, from today or from a day on."""
    return await _listed(visit)


async def _listed(
    visit: Visit, refusal: YichuangError | None = None, typed: Typed | None = None, about: UUID | None = None
) -> Response[Any]:
    cursor, since = visit.asked("cursor"), visit.asked("since")
    place = read_cursor(cursor, DayPlace) if cursor else None
    rows = await visiting.list_visits(
        visit.context,
        visit.actor,
        visit.now,
        since=_day(since),
        after=(place.day, place.id) if place else None,
        limit=PAGE_SIZE,
    )
    following = None
    if len(rows) == PAGE_SIZE:
        mark = write_cursor(DayPlace(rows[-1]["day"], rows[-1]["id"]))
        following = f"/visits?cursor={mark}{f'&since={since}' if since else ''}"
    return page(
        visit.request,
        "visits.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        since=since,
        next_page=following,
        further=bool(cursor),
        refusal=refusal,
        typed=typed or Typed(),
        about=about,
        key=uuid4().hex,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Malformed("date_wrong", "日期格式应为 2026-03-02。", "A date looks like 2026-03-02.") from None


@get("/visits/new")
async def new_visit_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The form of a booking."""
    return await _form(visit, Typed())


async def _form(visit: Visit, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    return page(
        visit.request,
        "visit_new.html",
        status=refusal.status if refusal else 200,
        typed=typed,
        refusal=refusal,
        visitors=await visiting.list_visitors(visit.actor),
        id_kinds=[kind.value for kind in IdKind],
        key=typed.get("key") if refusal and refusal.code != "key_reused" else uuid4().hex,
    )


@post("/visits/new")
async def book_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Book a visit and show the list; where it is refused, the form as it was."""
    typed = await _typed(visit)
    at = text_of(typed, "at")
    raw: dict[str, Any] = {
        "principal": parts_of(typed, "principal", PRINCIPAL),
        "in_area": bool(typed.get("in_area")),
        "immobile": bool(typed.get("immobile")),
        **({"at": f"{at}:00"} if at and at.count(":") == 1 else {"at": at or ""}),
        **{name: value for name in _PLAIN if (value := text_of(typed, name))},
    }
    try:
        request, key = read_typed(raw, Visiting), key_of(typed.get("key") or None)
        await visiting.book_visit(visit.context, visit.actor, request, visit.now, key)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _form(visit, typed, refusal)
    return go_to("/visits")


async def _typed(visit: Visit) -> Typed:
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    return typed


@post("/visits/{key:uuid}/record")
async def record_from_page(visit: NamedDependency[Visit], key: FromPath[UUID]) -> Response[Any]:
    """Record what became of a visit."""
    typed = await _typed(visit)
    raw = {
        "took_place": typed.get("took_place") == "yes",
        "conscious": bool(typed.get("conscious")),
        "outcome": typed.get("outcome").strip(),
    }
    try:
        request = read_typed(raw, Visited)
        await visiting.record_visit(
            visit.context, visit.actor, key, request, visit.now, key_of(typed.get("key") or None)
        )
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _listed(visit, refusal, typed, key)
    return go_to(f"/visits?since={typed.get('since')}" if typed.get("since") else "/visits")


@post("/visits/{key:uuid}/place")
async def show_place_from_page(visit: NamedDependency[Visit], key: FromPath[UUID]) -> Response[Any]:
    """Where a visit goes, in clear, for those who make it."""
    typed = await _typed(visit)
    place = await visiting.unmask_place(visit.context, visit.actor, key, typed.get("reason"), visit.now)
    return page(visit.request, "visit_place.html", place=place)
