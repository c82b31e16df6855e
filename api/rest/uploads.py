"""Resumable uploads by the tus protocol, version 1.0.0: core, creation, termination, expiration, checksum."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from litestar import Request, Response, delete, get, head, patch, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import InternalServerException
from litestar.params import FromPath
from msgspec import Struct

from api.errors import on_refusal
from api.rest.answers import shape
from api.rest.capture_answers import Refused
from api.rest.problems import problems
from api.state import Caller, Engine, Now
from engine.capture import uploading
from engine.capture.uploading import Wanted
from engine.settings import Settings
from storage.upload_parts import ALGORITHMS, Checksum
from workflows.errors import Malformed, Unsupported, YichuangError

_TAG = ["uploads"]
_VERSION: Final = "1.0.0"
_BYTES: Final = "application/offset+octet-stream"
_COUNT: Final = re.compile(r"[0-9]{1,12}")
_KEYS: Final = frozenset({"filename", "filetype", "case", "line", "batch", "replaces"})
_TUS: Final = {"Tus-Resumable": _VERSION, "Cache-Control": "no-store"}


class OtherVersion(YichuangError):  # named for what happened, as the whole tree is
    """The client speaks another version of tus."""

    status: ClassVar[int] = 412


class UploadState(Struct):
    """An upload: bytes received of how many, and once it is ``done`` its scan, or once ``refused`` why."""

    id: UUID
    file_name: str
    size: int
    received: int
    state: str
    expires_at: datetime
    scan_id: UUID | None = None
    refusal: Refused | None = None


def _on_refusal(request: Request[Any, Any, Any], refusal: YichuangError) -> Response[Any]:
    """Every answer carries the version of the protocol."""
    answer = on_refusal(request, refusal)
    answer.headers.update({**_TUS, "Tus-Version": _VERSION})
    return answer


_ON_REFUSAL: Final[dict[int | type[Exception], Any]] = {YichuangError: _on_refusal}


@route("/uploads", http_method=[HttpMethod.OPTIONS], operation_id="describeUploads", summary="What is spoken here",
       status_code=204, tags=_TAG, exception_handlers=_ON_REFUSAL)  # fmt: skip
async def describe_uploads(context: Engine) -> Response[None]:
    """Say which version and extensions of tus are spoken, and how large an upload may be."""
    headers = {
        **_TUS,
        "Tus-Version": _VERSION,
        "Tus-Extension": "creation,termination,expiration,checksum",
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        "Tus-Max-Size": str(_limit(context.settings)),
    }
    return Response(None, status_code=204, headers=headers)


@post("/uploads", operation_id="createUpload", summary="Begin a resumable upload", status_code=201,
      responses=problems(401, 403, 404, 409, 412, 413, 429), tags=_TAG, exception_handlers=_ON_REFUSAL)  # fmt: skip
async def create_upload(request: Request[Any, Any, Any], context: Engine, actor: Caller, now: Now) -> Response[None]:
    """Begin an upload: `Upload-Length`, and in `Upload-Metadata` `filename`, `filetype`, and `case` and `line`, or
    `batch`; `replaces` names a scan of that line whose place the new one takes. `Location` is where its bytes go.
    """
    _require_version(request.headers)
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    wanted = Wanted(
        name=told.get("filename", ""),
        size=_count(request.headers.get("Upload-Length"), "Upload-Length"),
        media_type=told.get("filetype", ""),
        case=told.get("case", ""),
        line=told.get("line", ""),
        batch=_key(told.get("batch")),
        replaces=_key(told.get("replaces")),
    )
    row = await uploading.create_upload(context, actor, wanted, now)
    headers = _headers(row) | {"Location": f"/api/v1/uploads/{row['id']}"}
    return Response(None, status_code=201, headers=headers)


@head("/uploads/{upload:uuid}", operation_id="findUpload", summary="How far an upload is",
      responses=problems(401, 404, 412), tags=_TAG, exception_handlers=_ON_REFUSAL)  # fmt: skip
async def find_upload(
    request: Request[Any, Any, Any], actor: Caller, now: Now, upload: FromPath[UUID]
) -> Response[None]:
    """Say in `Upload-Offset` how many bytes have arrived, in `Upload-Length` of how many."""
    _require_version(request.headers)
    row = await uploading.find_upload(actor, upload, now)
    return Response(None, headers=_headers(row) | {"Upload-Length": str(row["size"])})


@get("/uploads/{upload:uuid}", operation_id="readUpload", summary="What an upload became",
     responses=problems(401, 404), tags=_TAG, exception_handlers=_ON_REFUSAL)  # fmt: skip
async def read_upload(actor: Caller, now: Now, upload: FromPath[UUID]) -> UploadState:
    """Tell how far an upload is, and the scan that it became or why it was refused."""
    return shape(UploadState, await uploading.find_upload(actor, upload, now))


@patch("/uploads/{upload:uuid}", operation_id="continueUpload", summary="The next bytes", status_code=204,
       request_max_body_size=None, responses=problems(401, 404, 409, 412, 413, 415), tags=_TAG,
       exception_handlers=_ON_REFUSAL)  # fmt: skip
async def continue_upload(
    request: Request[Any, Any, Any], context: Engine, actor: Caller, now: Now, upload: FromPath[UUID]
) -> Response[None]:
    """Take bytes from `Upload-Offset` on. What arrives before a cut stays; with the last byte a scan is made, and a
    worker judges it. `Upload-Checksum` has a piece kept only if it is whole and right.
    """
    _require_version(request.headers)
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _BYTES:
        raise Unsupported("offset_stream_needed", f"内容类型须为 {_BYTES}。", f"The content type must be {_BYTES}.")
    offset = _count(request.headers.get("Upload-Offset"), "Upload-Offset")
    announced = request.headers.get("Upload-Checksum")
    checksum = Checksum(announced) if announced else None
    row = await uploading.take_bytes(context, actor, upload, offset, _arriving(request), now, checksum)
    return Response(None, status_code=204, headers=_headers(row))


@delete("/uploads/{upload:uuid}", operation_id="endUpload", summary="Give an upload up", status_code=204,
        responses=problems(401, 404, 412), tags=_TAG, exception_handlers=_ON_REFUSAL)  # fmt: skip
async def end_upload(
    request: Request[Any, Any, Any], context: Engine, actor: Caller, now: Now, upload: FromPath[UUID]
) -> Response[None]:
    """Drop an upload and its bytes. A scan that it has become stays."""
    _require_version(request.headers)
    await uploading.end_upload(context, actor, upload, now)
    return Response(None, status_code=204, headers=_TUS)


async def _arriving(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """The bytes of a request, up to its end or to where the connection was cut."""
    stream = request.stream()
    while True:
        try:
            chunk = await anext(stream)
        except (StopAsyncIteration, InternalServerException):
            return
        if chunk:
            yield chunk


def _headers(row: Mapping[str, Any]) -> dict[str, str]:
    told = {
        **_TUS,
        "Upload-Offset": str(row["received"]),
        "Upload-Expires": format_datetime(row["expires_at"], usegmt=True),
    }
    return told | ({"Upload-Scan": str(row["scan_id"])} if row.get("scan_id") else {})


def _limit(settings: Settings) -> int:
    return settings.upload_max_bytes


def _require_version(headers: Mapping[str, str]) -> None:
    if headers.get("Tus-Resumable") != _VERSION:
        raise OtherVersion(
            "tus_version_needed",
            f"断点续传须使用 tus {_VERSION} 协议（请求头 Tus-Resumable）。",
            f"Resumable uploads speak tus {_VERSION}; send it as Tus-Resumable.",
        )


def _count(text: str | None, name: str) -> int:
    if text is None or not _COUNT.fullmatch(text):
        raise Malformed(
            "upload_header_wrong", f"请求头 {name} 须为字节数。", f"{name} is a number of bytes.", field=name
        )
    return int(text)


def _metadata(text: str) -> dict[str, str]:
    """Names and values of ``Upload-Metadata``; other clients' own names are let pass.

    :raises Malformed: ``upload_metadata_wrong``.
    """
    found: dict[str, str] = {}
    for pair in text.split(",") if text else ():
        name, _, value = pair.strip().partition(" ")
        if name in _KEYS:
            try:
                found[name] = base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError) as problem:
                raise _metadata_wrong(name) from problem
    return found


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as problem:
        raise _metadata_wrong("batch/replaces") from problem


def _metadata_wrong(name: str) -> Malformed:
    return Malformed(
        "upload_metadata_wrong",
        f"Upload-Metadata 中 {name} 的值须为UTF-8文字的base64编码。",
        f"The value of {name} in Upload-Metadata must be UTF-8 text in base64.",
        field=name,
    )
