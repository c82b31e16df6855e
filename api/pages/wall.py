"""The hall's wall screen: large, without anybody's name, looking again by itself."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from api.pages.rendering import asks_for_part, page
from api.pages.visit import Visit
from engine.figures.wall import read_wall


@get("/wall")
async def wall_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Lights, windows, the day and the month of the reader's halls."""
    wall = await read_wall(visit.context, visit.actor, visit.now)
    return page(visit.request, "wall_part.html" if asks_for_part(visit.request) else "wall.html", wall=wall)
