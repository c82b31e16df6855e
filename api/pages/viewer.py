"""The scans of a case, leafed through: lines at the left, one page large, its quality under it."""

from __future__ import annotations

import asyncio
import tempfile
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from api.auth import check_csrf
from api.pages.rendering import go_to, page
from api.pages.visit import Visit
from api.pages.wording import Wording
from api.rest.viewing import pdf_stream
from engine.viewing.exporting import export_line, may_take
from engine.viewing.leafing import Leaf, leaf, place_of
from workflows.arrangement import ArrangedPage
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.page_advice import Advice, words

ZOOMS: Final = ("fit", "width", "full")
"""How large the page is shown; the last one is the picture as scanned."""
TURNS: Final = ("90", "180", "270")
"""How far a page may be turned while it is looked at, in degrees clockwise."""
PURPOSES: Final = ("handling", "review", "audit", "archive", "disclosure")
_AROUND: Final = 8
"""How many small pictures are shown before and behind the page that is looked at."""


@get("/cases/{number:str}/pages")
async def first_page(visit: NamedDependency[Visit], number: FromPath[str]) -> Response[Any]:
    """The first page of a case."""
    return await _shown(visit, number, "", 1)


@get("/cases/{number:str}/pages/{line:str}/{position:int}")
async def viewer_page(
    visit: NamedDependency[Visit], number: FromPath[str], line: FromPath[str], position: FromPath[int]
) -> Response[Any]:
    """One page where it stands in its line; ``zoom`` says how large."""
    return await _shown(visit, number, line, position)


@get("/cases/{number:str}/scans/{scan:uuid}/pages/{number_in_scan:int}")
async def find_page(
    visit: NamedDependency[Visit], number: FromPath[str], scan: FromPath[UUID], number_in_scan: FromPath[int]
) -> Response[Any]:
    """A page of a scan, shown where it stands now, whatever was moved since."""
    place = await place_of(visit.context, visit.actor, number, scan, number_in_scan)
    return go_to(f"/cases/{quote(number)}/pages/{quote(place.line)}/{place.position}")


@post("/cases/{number:str}/pages/{line:str}/{position:int}/export", status_code=200)
async def export_from_page(
    visit: NamedDependency[Visit], number: FromPath[str], line: FromPath[str], position: FromPath[int]
) -> Response[Any] | Stream:
    """The pages of a line as a PDF; where that is refused, the page with the reason that was typed."""
    form = await visit.request.form()
    check_csrf(visit.request, str(form.get("csrf_token", "")))
    reason = str(form.get("reason", ""))
    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        await export_line(visit.context, visit.actor, number, line, reason, visit.now, file)
    except (NotFound, NotAuthenticated):
        file.close()
        raise
    except YichuangError as refusal:
        file.close()
        return await _shown(visit, number, line, position, reason, refusal)
    except BaseException:
        file.close()
        raise
    return pdf_stream(file, f"{number}-{line}.pdf")


async def _shown(
    visit: Visit, number: str, line: str, position: int, reason: str = "", refusal: YichuangError | None = None
) -> Response[Any]:
    found = await leaf(visit.context, visit.actor, number, line, position, visit.now)
    zoom = zoom_of(visit)
    names = {known.code: visit.wording.of(known, "name") for known in found.item.materials}
    return page(
        visit.request,
        "viewer.html",
        status=refusal.status if refusal else 200,
        leaf=found,
        names=names,
        zoom=zoom,
        zooms=ZOOMS,
        turn=turn_of(visit),
        around=_around(found),
        moves=moves_of(found, zoom),
        places=Places(number, zoom),
        advice=advice_of(found, visit.wording),
        purposes=PURPOSES,
        may_take=may_take(visit.actor, found.case),
        reason=reason,
        refusal=refusal,
    )


def zoom_of(visit: Visit) -> str:
    """How large the reader wishes to see a page."""
    return visit.asked("zoom") if visit.asked("zoom") in ZOOMS else ZOOMS[0]


def turn_of(visit: Visit) -> int:
    """How far the reader turns this page while looking at it, in degrees clockwise; nothing of it is kept."""
    return int(visit.asked("turn")) if visit.asked("turn") in TURNS else 0


class Places:
    """Addresses of pages of one case, keeping the size at which they are shown.

    :param beside: whether the page is shown beside the case, on the desk, rather than alone.
    """

    def __init__(self, number: str, zoom: str, *, beside: bool = False) -> None:
        self._root, self._zoom = f"/cases/{quote(number)}/{'desk' if beside else 'pages'}", zoom

    def of(self, place: ArrangedPage, zoom: str = "", turn: int = 0) -> str:
        """Where a page is shown. :param turn: degrees clockwise, beyond how it stands."""
        kept = zoom or self._zoom
        asked = {"zoom": "" if kept == ZOOMS[0] else kept, "turn": str(turn % 360 or "")}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{self._root}/{quote(place.line)}/{place.position}" + (f"?{query}" if query else "")


def moves_of(found: Leaf, zoom: str) -> dict[str, ArrangedPage | str | None]:
    """Where the keys and links lead from here."""
    pages = found.lines[found.here.line] if found.here else ()
    at = ZOOMS.index(zoom)
    return {
        "previous": found.beside(-1),
        "next": found.beside(1),
        "line_previous": found.line_beside(-1),
        "line_next": found.line_beside(1),
        "first": pages[0] if pages else None,
        "last": pages[-1] if pages else None,
        "larger": ZOOMS[at + 1] if at + 1 < len(ZOOMS) else None,
        "smaller": ZOOMS[at - 1] if at else None,
    }


def _around(found: Leaf) -> tuple[ArrangedPage, ...]:
    """The pages of the same line whose small pictures are shown."""
    if found.here is None:
        return ()
    at = found.here.position - 1
    return found.lines[found.here.line][max(0, at - _AROUND) : at + _AROUND + 1]


def advice_of(found: Leaf, w: Wording) -> list[str]:
    """What was measured on the page, in the reader's words."""
    if found.page is None:
        return []
    return [w.pick(*words(one)) for one in msgspec.convert(found.page["advice"] or [], list[Advice])]
