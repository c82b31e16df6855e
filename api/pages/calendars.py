"""Pages of the working-day calendar: the months of a year, its editions, what differs between them."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.pages.rendering import page
from api.pages.visit import Visit
from engine.administration.calendar_editions import show_edition


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
    return page(visit.request, "calendar.html", shown=await show_edition(year, version))
