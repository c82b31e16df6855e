"""导出: exports ordered, followed while they are made, and taken out whole or in ranges."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from litestar.response import Stream
from msgspec import Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.byte_ranges import ByteRange, IfRange, range_of
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.rest.streams import chunks_of
from api.rest.viewing import PRIVATE
from api.state import Caller, Engine, Now
from engine.exports import ordering
from workflows.export import Wish

_TAG = ["exports"]


class ExportView(Struct):
    """An export: ``waiting``, ``ready``, ``failed`` with why, ``dropped``; cases written of all; size in bytes.

    ``wish``: the order as it was given. ``rows``: events or rows of facts. ``as_of``: the moment that the file tells
    of. ``digest``: SHA-256.
    """

    id: UUID
    wish: Wish
    state: str
    ordered_at: datetime
    ordered_by_name: str
    cases_done: int
    cases: int
    percent: int
    rows: int
    failure: str
    as_of: datetime | None
    digest: str
    size: int
    ended_at: datetime | None


class ExportPage(Struct):
    """Exports, and where the next page begins; no ``next`` on the last page."""

    exports: list[ExportView]
    next: str | None


_QUARTER: Final = Example(
    summary="A quarter for a process mining tool",
    value={"format": "xes", "selection": {"by": "closed", "from": "2026-01-01", "to": "2026-03-31"}},
)


@post("/exports", operation_id="orderExport", summary="Have an export made", tags=_TAG, status_code=202,
      dto=Strict[Wish], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415, 422, 429))  # fmt: skip
async def order_export(
    context: Engine, actor: Caller, now: Now, data: Annotated[Wish, Body(examples=[_QUARTER])]
) -> ExportView:
    """Order an event log or a table of facts of a selection of cases. People are masked unless asked for in clear,
    with a reason, by who may have them so. Logged.
    """
    return shape(ExportView, await ordering.order_export(context, actor, data, now))


@get("/exports", operation_id="listExports", summary="Exports of the caller", tags=_TAG, responses=problems(401, 403))
async def list_exports(actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> ExportPage:
    """List what the caller ordered, the newest first."""
    before = read_cursor(cursor, KeyPlace).id if cursor else ordering.NEWEST
    rows = await ordering.list_exports(actor, before=before, limit=limit)
    return ExportPage(shapes(ExportView, rows), write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None)


@get("/exports/{export:uuid}", operation_id="readExport", summary="How far it is", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def read_export(actor: Caller, export: FromPath[UUID]) -> ExportView:
    """Read how far an export of the caller is."""
    return shape(ExportView, await ordering.read_export(actor, export))


@post("/exports/{export:uuid}/retry", operation_id="retryExport", summary="Try again", tags=_TAG, status_code=202,
      responses=problems(401, 403, 404, 409, 422, 429))  # fmt: skip
async def retry_export(context: Engine, actor: Caller, now: Now, export: FromPath[UUID]) -> ExportView:
    """Order an export again that failed, or whose days are over, as a new one."""
    return shape(ExportView, await ordering.retry_export(context, actor, export, now))


@get("/exports/{export:uuid}/content", operation_id="takeExport", summary="Take it out", tags=_TAG,
     media_type="application/octet-stream", responses=problems(401, 403, 404, 416, 503))  # fmt: skip
async def take_export(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    export: FromPath[UUID],
    byte_range: ByteRange = None,
    if_range: IfRange = None,
) -> Stream:
    """Hand out the file of an export, wholly or one range of it, to who ordered it. Logged with its reason."""
    content = await ordering.find_export(actor, export, now)
    tag = f'"{content.digest}"'
    wanted = range_of(byte_range, content.size) if if_range is None or if_range.strip() == tag else None
    first, last = wanted or (0, content.size - 1)
    stream = await ordering.open_export(context, content, first, last - first + 1)
    headers: dict[str, Any] = PRIVATE | {
        "Content-Type": content.media_type,
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Content-Length": str(last - first + 1),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(content.name, safe='')}",
    }
    if wanted:
        headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
    return Stream(chunks_of(stream), status_code=206 if wanted else 200, headers=headers)
