"""Scans: taken in as they stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, post
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, QueryParameter

from api.rest.answers import shape
from api.rest.case_answers import ScanReceived
from api.rest.problems import problems
from api.rest.requests import IdempotencyKey, key_of
from api.state import Caller, Engine, Now
from api.uploads import receive_file
from engine import evidence

_TAG = ["scans"]


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
    replaces: Annotated[UUID | None, QueryParameter(description="A scan of this line whose place it takes.")] = None,
    key: IdempotencyKey = None,
) -> ScanReceived:
    """Send one file as `multipart/form-data` in a part named `file`. A worker judges it; `GET …/scans` tells how.

    With `replaces` it takes the place of an earlier scan once it is stored; the earlier one stays readable.
    """
    checked = key_of(key)
    await evidence.check_target(context, actor, number, line)
    async with receive_file(request, context.settings) as received:
        answer = await evidence.receive_scan(context, actor, number, line, received, now, checked, replaces=replaces)
        return shape(ScanReceived, answer)
