"""Evidence as it is looked at: originals in ranges, page pictures, the pages of a line as a PDF."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from typing import IO, Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Stream
from msgspec import Meta, Struct

from api.rest.answers import shapes
from api.rest.bodies import Strict
from api.rest.byte_ranges import ByteRange, IfRange, range_of
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.rest.streams import chunks_of
from api.state import Caller, Engine, Now
from engine.viewing import evidence_reading, looking
from engine.viewing.evidence_reading import Content, Picture, Purpose, Size
from engine.viewing.exporting import export_line
from engine.viewing.links import Turn, check_link
from engine.viewing.looking import NEWEST
from storage.object_stream import CHUNK_BYTES
from workflows.errors import Forbidden

_TAG = ["scans"]
PDF: Final = "application/pdf"
PRIVATE: Final = {"Cache-Control": "private, no-store", "Content-Security-Policy": "sandbox; default-src 'none'"}
"""Nobody keeps it, and nothing in it runs."""


class Export(Struct, forbid_unknown_fields=True):
    """Why the pages of a line are taken away."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class Look(Struct):
    """One look: ``subject`` is the case or a scan of it, ``purpose`` why, where that was asked for."""

    at: datetime
    name: str
    subject: str
    action: str
    purpose: str


class LookPage(Struct):
    """Looks, and where the next page begins; no ``next`` on the last page."""

    items: list[Look]
    next: str | None = None


_WANTED: Final = Example(summary="For an archive request", value={"reason": "申请人申请查阅本人案卷"})


@get(
    "/scans/{scan:uuid}/content",
    operation_id="readScanContent",
    summary="The original bytes",
    tags=_TAG,
    media_type="application/octet-stream",
    responses=problems(401, 403, 404, 409, 416, 422, 503),
)
async def read_content(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    scan: FromPath[UUID],
    purpose: Annotated[Purpose | None, QueryParameter(description="Why; needed by those who do not handle it.")] = None,
    byte_range: ByteRange = None,
    if_range: IfRange = None,
) -> Stream:
    """Hand out the evidence as it was uploaded, wholly or one range of it. The look and its purpose are logged."""
    content = await evidence_reading.find_content(context, actor, scan, now, purpose)
    same = if_range is None or if_range.strip() == _tag(content)
    wanted = range_of(byte_range, content.size) if same else None
    first, last = wanted or (0, content.size - 1)
    stream = await evidence_reading.open_content(context, content, first, last - first + 1)
    headers = _headers(content) | {"Content-Length": str(last - first + 1)}
    if wanted:
        headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
    return Stream(chunks_of(stream), status_code=206 if wanted else 200, headers=headers)


@get(
    "/scans/{scan:uuid}/pages/{page:int}",
    operation_id="readScanPage",
    summary="One drawn page",
    tags=_TAG,
    media_type="image/jpeg",
    responses=problems(401, 403, 404, 409, 503),
)
async def read_page(
    *,
    request: Request[Any, Any, Any],
    context: Engine,
    actor: Caller,
    now: Now,
    scan: FromPath[UUID],
    page: FromPath[int],
    size: Annotated[
        Size, QueryParameter(description="As scanned up to a bound, 1,240 pixels wide, or a small picture.")
    ] = "page",
    turned: Annotated[Turn, QueryParameter(description="Degrees clockwise.")] = 0,
    seen: Annotated[bool, QueryParameter(description="Of a signed address: the look is logged already.")] = False,
    until: Annotated[int | None, QueryParameter(ge=0, description="End of a signed address, Unix time.")] = None,
    signature: Annotated[str | None, QueryParameter(description="Of a signed address; browsers need one.")] = None,
) -> Response[bytes]:
    """Hand out a page as an image, numbered from 1, with the reader's name and the time on it where it is personal.

    A browser's session needs an address that a page of this server has just given out; a token does not. The look is
    logged, here or with that page; small pictures that a page shows are not.
    """
    picture = Picture(scan, page, size, turned, seen)
    linked = until is not None and signature is not None
    if linked:
        check_link(context, actor, picture, until=until or 0, signature=signature or "", now=now)
    elif request.auth:
        raise _link_needed()
    image, media_type = await evidence_reading.read_page(
        context, actor, scan, page, size=size, now=now, turned=turned, logged=linked and (seen or size == "thumbnail")
    )
    tag = hashlib.sha256(image).hexdigest()[:32]
    return Response(image, media_type=media_type, headers=PRIVATE | {"ETag": f'"{tag}"'})


@post(
    "/cases/{number:str}/materials/{line:str}/export",
    operation_id="exportPages",
    summary="The pages of a line to take away",
    tags=_TAG,
    status_code=200,
    dto=Strict[Export],
    return_dto=None,
    media_type=PDF,
    responses=problems(401, 403, 404, 409, 413, 415, 422, 503),
)
async def export_pages(
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    line: FromPath[str],
    data: Annotated[Export, Body(examples=[_WANTED])],
) -> Stream:
    """Make one PDF of the pages as they stand, each with the reader's name where it is personal. Logged with reason."""
    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        await export_line(context, actor, number, line, data.reason, now, file)
    except BaseException:
        file.close()
        raise
    return pdf_stream(file, f"{number}-{line}.pdf")


@get(
    "/cases/{number:str}/looks",
    operation_id="listLooks",
    summary="Who looked",
    tags=_TAG,
    responses=problems(401, 403, 404),
)
async def list_looks(
    context: Engine, actor: Caller, number: FromPath[str], cursor: Cursor = None, limit: Limit = 50
) -> LookPage:
    """List who looked at a case and its scans, when, at what and why, the newest first; for auditors."""
    before = read_cursor(cursor, KeyPlace).id if cursor is not None else NEWEST
    rows = await looking.list_looks(context, actor, number, before=before, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return LookPage(shapes(Look, rows), more)


def pdf_stream(file: IO[bytes], name: str) -> Stream:
    """A PDF in a file of ours as an answer; the file is closed at its end."""
    size = file.seek(0, 2)
    file.seek(0)
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**PRIVATE, "Content-Type": PDF, "Content-Length": str(size), "Content-Disposition": disposition}
    return Stream(_pieces(file), headers=headers)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk


def _tag(content: Content) -> str:
    return f'"{content.digest}"'


def _headers(content: Content) -> dict[str, str]:
    return {
        **PRIVATE,
        "Content-Type": content.media_type,
        "Accept-Ranges": "bytes",
        "ETag": _tag(content),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(content.name, safe='')}",
    }


def _link_needed() -> Forbidden:
    return Forbidden(
        "link_needed",
        "请从办件页面打开该图像。",
        "Open the picture from the page of its case.",
        basis="个人信息保护法51",
    )
