"""Days on which a hall is closed beyond the calendar: declared by its manager, seen by everybody who works there."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.pages.forms import Typed, text_of
from api.pages.rendering import go_to, page
from api.pages.sending import asked_for, sent
from api.pages.visit import Visit
from api.rest.cursors import DayPlace, read_cursor, write_cursor
from api.rest.hall_days import Closing
from api.rest.requests import key_of
from engine import appointing
from engine.administration.choosing_places import places_within
from workflows.actor import Role
from workflows.errors import NotAuthenticated, YichuangError

PAGE_SIZE: Final = 50
HERE: Final = "/closures"


@get(HERE)
async def closures_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The days from today on, or from ``from`` on, on which the reader's halls are closed."""
    return await _show(visit, Typed())


@post(HERE)
async def declare_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Declare a hall closed on a day; where it is refused, the form as it was."""
    typed = await sent(visit)
    key = key_of(typed.get("key") or None)
    try:
        wanted = asked_for(Closing, typed, ("day", "reason"), hall=text_of(typed, "hall"))
        done = await appointing.declare_closure(
            visit.context, visit.actor, wanted.hall, wanted.day, wanted.reason, visit.now, key
        )
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _show(visit, typed, refusal)
    return go_to(f"{HERE}?done={done['day']}&moving={done['appointments']}")


def _day(text: str) -> date | None:
    """A day of an address; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _show(visit: Visit, typed: Typed, refusal: YichuangError | None = None) -> Response[Any]:
    today = visit.now.astimezone(visit.wording.zone).date()
    cursor, done, moving = visit.asked("cursor"), visit.asked("done"), visit.asked("moving")
    since = _day(visit.asked("from")) or today
    place = read_cursor(cursor, DayPlace) if cursor else None
    after = (place.day, place.id) if place else None
    rows = await appointing.list_closures(visit.actor, since, after=after, limit=PAGE_SIZE)
    following = None
    if len(rows) == PAGE_SIZE:
        following = f"{HERE}?from={since}&cursor={write_cursor(DayPlace(rows[-1]['day'], rows[-1]['id']))}"
    may = Role.hall_manager in visit.actor.roles
    return page(
        visit.request,
        "closures.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        halls=await places_within(visit.actor, "hall") if may else [],
        may_declare=may,
        today=today,
        since=since,
        done=None if refusal else _day(done),
        moving=moving if moving.isdecimal() else "0",
        typed=typed,
        refusal=refusal,
        next_page=following,
        further=bool(cursor),
        key=uuid4().hex,
    )
