"""Scans: taken in as they stream, handed out in ranges."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import Stream

from api.errors import RangeNotSatisfiable
from api.rest.answers import shape
from api.rest.case_answers import ScanReceived
from api.rest.problems import problems
from api.rest.requests import IdempotencyKey, key_of
from api.state import Caller, Engine, Now
from api.uploads import receive_file
from engine import evidence, evidence_reading
from engine.evidence_reading import Content, Size
from storage.object_stream import CHUNK_BYTES, ObjectStream

_TAG = ["scans"]
_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
_PRIVATE: Final = {"Cache-Control": "no-store", "Content-Security-Policy": "sandbox; default-src 'none'"}


@dataclass
class Upload(Operation):
    """Describes the body that the route reads from the stream itself."""

    def __post_init__(self) -> None:
        """Name the one part."""
        file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        form = Schema(type=OpenAPIType.OBJECT, properties={"file": file}, required=["file"])
        self.request_body = RequestBody({"multipart/form-data": OpenAPIMediaType(schema=form)}, required=True)


@post(
    "/cases/{number:str}/materials/{line:str}/scans",
    operation_id="uploadScan",
    summary="Upload a scan",
    tags=_TAG,
    request_max_body_size=None,  # receive_file holds it to the limit for files
    operation_class=Upload,
    responses=problems(401, 403, 404, 409, 413, 415),
)
async def upload_scan(
    *,
    request: Request[Any, Any, Any],
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    line: FromPath[str],
    key: IdempotencyKey = None,
) -> ScanReceived:
    """Send one file as `multipart/form-data` in a part named `file`. A worker judges it; `GET …/scans` tells how."""
    checked = key_of(key)
    await evidence.check_target(context, actor, number, line)
    async with receive_file(request, context.settings) as received:
        return shape(ScanReceived, await evidence.receive_scan(context, actor, number, line, received, now, checked))


@get(
    "/scans/{scan:uuid}/content",
    operation_id="readScanContent",
    summary="The original bytes",
    tags=_TAG,
    media_type="application/octet-stream",
    responses=problems(401, 404, 409, 416),
)
async def read_content(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    scan: FromPath[UUID],
    byte_range: Annotated[str | None, HeaderParameter(name="Range", description="One range of bytes.")] = None,
) -> Stream:
    """Hand out the evidence as it was uploaded, wholly or one range of it. The look is logged."""
    content = await evidence_reading.find_content(context, actor, scan, now)
    wanted = _range_of(byte_range, content.size)
    first, last = wanted or (0, content.size - 1)
    stream = await evidence_reading.open_content(context, content, first, last - first + 1)
    headers = _headers(content) | {"Content-Length": str(last - first + 1)}
    if wanted:
        headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
    return Stream(_chunks(stream), status_code=206 if wanted else 200, headers=headers)


@get(
    "/scans/{scan:uuid}/pages/{page:int}",
    operation_id="readScanPage",
    summary="One drawn page",
    tags=_TAG,
    media_type="image/jpeg",
    responses=problems(401, 404, 409),
)
async def read_page(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    scan: FromPath[UUID],
    page: FromPath[int],
    size: Annotated[Size, QueryParameter(description="Full page or thumbnail.")] = "page",
) -> Response[bytes]:
    """Hand out a page as an image, numbered from 1. The look is logged."""
    image, media_type = await evidence_reading.read_page(context, actor, scan, page, size=size, now=now)
    return Response(image, media_type=media_type, headers=_PRIVATE)


def _headers(content: Content) -> dict[str, str]:
    return {
        **_PRIVATE,
        "Content-Type": content.media_type,
        "Accept-Ranges": "bytes",
        "ETag": f'"{content.sha256}"',
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(content.name, safe='')}",
    }


def _range_of(text: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range; None for no range, or one that RFC 9110 lets a server ignore.

    :raises RangeNotSatisfiable: ``range_not_satisfiable``.
    """
    found = _RANGE.fullmatch(text.replace(" ", "")) if text else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        first, last = max(size - int(found[2]), 0), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
        if found[2] and int(found[2]) < first:
            return None
    if first >= size or found[0] == "bytes=-0":
        raise RangeNotSatisfiable(
            "range_not_satisfiable", "请求的范围超出文件。", "The range lies outside the file.", size=size
        )
    return first, last


async def _chunks(stream: ObjectStream) -> AsyncIterator[bytes]:
    try:
        while chunk := await asyncio.to_thread(stream.read, CHUNK_BYTES):
            yield chunk
    finally:
        stream.close()
