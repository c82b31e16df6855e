"""报表: reports of figures, made when a period is over or ordered for any other, handed out as workbook or PDF."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Stream
from msgspec import Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.rest.streams import chunks_of
from api.rest.viewing import PRIVATE
from api.state import Caller, Engine, Now
from engine.documents.printing import open_printed
from engine.figures import reporting
from workflows.report import Kind, ReportWish

_TAG: Final = ["reports"]
_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


class ReportView(Struct):
    """A report: ``waiting``, ``ready``, or ``failed`` with why. ``scheduled``: made because its period was over.

    ``as_of``: the moment that it tells of; the same report ordered again with it is equal. ``content_digest``: SHA-256
    of what it says. ``files``: sizes in bytes by format.
    """

    id: UUID
    kind: Kind
    scheduled: bool
    wish: ReportWish
    since: date
    until: date
    as_of: datetime
    state: str
    ordered_at: datetime
    percent: int
    failure: str
    content_digest: str
    files: dict[str, int]
    hall: str | None
    hall_name: str | None
    hall_name_en: str | None
    ordered_by_name: str | None
    ended_at: datetime | None


class ReportPage(Struct):
    """Reports, and where the next page begins; no ``next`` on the last page."""

    reports: list[ReportView]
    next: str | None


_MONTH: Final = Example(summary="March of one hall", value={"kind": "monthly", "from": "2026-03-01", "hall": "hall"})
_ANY: Final = Example(
    summary="Any other period, as it was known then",
    value={"kind": "range", "from": "2026-03-02", "to": "2026-03-20", "as_of": "2026-03-31T16:00:00Z"},
)
Only = Annotated[Kind | None, QueryParameter(description="Only reports of this kind.")]


@post("/reports", operation_id="orderReport", summary="Have a report made", tags=_TAG, status_code=202,
      dto=Strict[ReportWish], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415, 422, 429, 503))  # fmt: skip
async def order_report(
    context: Engine, actor: Caller, now: Now, data: Annotated[ReportWish, Body(examples=[_MONTH, _ANY])]
) -> ReportView:
    """Order a report over the caller's halls and departments: of the day, week or month in which ``from`` lies, or of
    a range of days.
    """
    return shape(ReportView, await reporting.order_report(context, actor, data, now))


@get("/reports", operation_id="listReports", summary="Reports within reach", tags=_TAG, responses=problems(401, 403))
async def list_reports(actor: Caller, kind: Only = None, cursor: Cursor = None, limit: Limit = 50) -> ReportPage:
    """List reports that count nothing beyond the caller's halls and departments, the newest order first."""
    before = read_cursor(cursor, KeyPlace).id if cursor else reporting.NEWEST
    rows = await reporting.list_reports(actor, kind, before=before, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return ReportPage(shapes(ReportView, rows), more)


@get("/reports/{report:uuid}", operation_id="readReport", summary="How far it is", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def read_report(actor: Caller, report: FromPath[UUID]) -> ReportView:
    """Read a report and how far it is."""
    return shape(ReportView, await reporting.read_report(actor, report))


@post("/reports/{report:uuid}/retry", operation_id="retryReport", summary="Try again", tags=_TAG, status_code=202,
      responses=problems(401, 403, 404, 409))  # fmt: skip
async def retry_report(context: Engine, actor: Caller, now: Now, report: FromPath[UUID]) -> ReportView:
    """Have a failed report made again."""
    return shape(ReportView, await reporting.retry_report(context, actor, report, now))


@get("/reports/{report:uuid}/{form:str}", operation_id="takeReportFile", summary="Take it out", tags=_TAG,
     media_type="application/octet-stream", responses=problems(401, 403, 404, 409, 503))  # fmt: skip
async def take_report(
    context: Engine, actor: Caller, now: Now, report: FromPath[UUID], form: FromPath[Literal["xlsx", "pdf"]]
) -> Stream:
    """Hand out a report as workbook or PDF/A, as it was made once. Logged."""
    printed = await reporting.find_report(actor, report, form, now)
    stream = await open_printed(context, printed)
    headers: dict[str, Any] = PRIVATE | {
        "Content-Type": _TYPES[form],
        "ETag": f'"{printed.sha256}"',
        "Content-Length": str(printed.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(printed.name, safe='')}",
    }
    return Stream(chunks_of(stream), headers=headers)
