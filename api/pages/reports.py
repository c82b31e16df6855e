"""Reports as files: those made when a period was over, those ordered for any other, and the form of an order."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import check_csrf
from api.pages.forms import Typed, text_of
from api.pages.rendering import asks_for_part, go_to, page
from api.pages.visit import Visit
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from engine.figures import figure_board, reporting
from workflows.errors import NotAuthenticated, NotFound, YichuangError
from workflows.payload import payload_invalid
from workflows.report import Kind, ReportWish

PAGE_SIZE: Final = 20


@get("/reports")
async def reports_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """The reports within the reader's reach, the newest first, and the form of an order."""
    return await _show(visit)


@post("/reports")
async def report_from_page(visit: NamedDependency[Visit]) -> Response[Any]:
    """Order a report and show how far it is; where it is refused, the form as it was."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        await reporting.order_report(visit.context, visit.actor, _wish(typed), visit.now)
    except NotAuthenticated:
        raise
    except YichuangError as refusal:
        return await _show(visit, typed, refusal)
    return go_to("/reports")


@post("/reports/{report:uuid}/retry")
async def retry_report_from_page(visit: NamedDependency[Visit], report: FromPath[UUID]) -> Response[Any]:
    """Have a failed report made again."""
    typed = Typed.of((await visit.request.form()).multi_items())
    check_csrf(visit.request, typed.get("csrf_token"))
    try:
        await reporting.retry_report(visit.context, visit.actor, report, visit.now)
    except (NotAuthenticated, NotFound):
        raise
    except YichuangError as refusal:
        return await _show(visit, typed, refusal)
    return go_to("/reports")


def _wish(typed: Typed) -> ReportWish:
    """The order as it was typed. :raises Malformed: ``payload_invalid``, with the field."""
    raw = {name: text_of(typed, name) for name in ("kind", "from", "to", "hall", "department")}
    try:
        return msgspec.convert({name: value for name, value in raw.items() if value is not None}, ReportWish)
    except msgspec.ValidationError as problem:
        raise payload_invalid(problem) from None


async def _show(visit: Visit, typed: Typed | None = None, refusal: YichuangError | None = None) -> Response[Any]:
    cursor, kind = visit.asked("cursor"), visit.asked("kind")
    before = read_cursor(cursor, KeyPlace).id if cursor else reporting.NEWEST
    chosen = Kind(kind) if kind in set(Kind) else None
    rows = await reporting.list_reports(visit.actor, chosen, before=before, limit=PAGE_SIZE)
    first_page = f"/reports?kind={chosen}" if chosen else "/reports"
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == PAGE_SIZE else ""
    return page(
        visit.request,
        "report_rows.html" if asks_for_part(visit.request) and refusal is None else "reports.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        kinds=list(Kind),
        kind=chosen or "",
        places=await figure_board.places_within(visit.actor),
        typed=typed or Typed(),
        refusal=refusal,
        next_page=f"{first_page}{'&' if chosen else '?'}cursor={more}" if more else None,
        first_page=first_page,
        address=f"{first_page}{'&' if chosen else '?'}cursor={cursor}" if cursor else first_page,
        further=bool(cursor),
    )
