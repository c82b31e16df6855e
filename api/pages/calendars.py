"""Pages of the working-day calendar: the months of a year, its editions, what differs between them."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.forms import Typed
from api.pages.rendering import page
from api.pages.sending import sent
from api.pages.visit import Visit
from engine.administration import trying_editions
from engine.administration.calendar_editions import show_edition
from engine.administration.trying_editions import TRIERS, Tried
from workflows.errors import YichuangError


@get("/calendars")
async def calendars_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The last year that was published."""
    return await _shown(visit, None, None)


@get("/calendars/{year:int}")
async def year_page(visit: NamedDependency[Visit], year: FromPath[int]) -> Response[Any]:
    """The edition of a year that is in force."""
    return await _shown(visit, year, None)


@get("/calendars/{year:int}/editions/{version:int}")
async def edition_page(visit: NamedDependency[Visit], year: FromPath[int], version: FromPath[int]) -> Response[Any]:
    """One edition of a year, and what differs from the one before."""
    return await _shown(visit, year, version)


async def _shown(visit: Visit, year: int | None, version: int | None) -> Response[Any]:
    may_try = not visit.actor.roles.isdisjoint(TRIERS)
    return page(visit.request, "calendar.html", shown=await show_edition(year, version), may_try=may_try)


@get("/calendars/trial")
async def trial_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The form for the file of a year, begun with the holidays of the last one."""
    return _trial(visit, Typed({"text": (await trying_editions.next_year(visit.actor),)}))


@post("/calendars/trial")
async def try_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Show what the file of a year would be; nothing is written."""
    typed = await sent(visit)
    try:
        tried = await trying_editions.try_edition(visit.actor, typed.get("text"))
    except YichuangError as refusal:
        return _trial(visit, typed, refusal=refusal)
    return _trial(visit, typed, tried=tried)


def _trial(
    visit: Visit, typed: Typed, *, tried: Tried | None = None, refusal: YichuangError | None = None
) -> Response[Any]:
    status = refusal.status if refusal else 200
    return page(visit.request, "calendar_trial.html", status=status, typed=typed, tried=tried, refusal=refusal)
