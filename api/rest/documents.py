"""Documents (文书) as files: the printed one, and a sample before it is issued."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import Body, FromPath
from litestar.response import Stream

from api.rest.bodies import Strict
from api.rest.cases import act_of
from api.rest.problems import problems
from api.rest.requests import IfMatch, version_of
from api.rest.streams import chunks_of
from api.state import Caller, Engine, Now
from engine.command import Command
from engine.documents import drafting, printing, slip_drafting
from engine.documents.printing import Printed

_TAG = ["documents"]
PDF: Final = "application/pdf"
PRIVATE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@get(
    "/cases/{number:str}/documents/{document:str}/content",
    operation_id="printDocument",
    summary="One document, to print",
    tags=_TAG,
    media_type=PDF,
    responses=problems(401, 403, 404, 409),
)
async def print_document(
    context: Engine, actor: Caller, now: Now, number: FromPath[str], document: FromPath[str]
) -> Stream:
    """Hand out the PDF/A of a document by its number (文号), as it was made once; whoever prints it is on the trail."""
    printed = await printing.find_printed(context, actor, number, document, now)
    return Stream(chunks_of(await printing.open_printed(context, printed)), headers=headers_of(printed))


@post(
    "/cases/{number:str}/actions/{action:str}/preview",
    operation_id="previewDocuments",
    summary="What an act would issue",
    tags=_TAG,
    status_code=200,
    dto=Strict[dict[str, Any]],
    return_dto=None,
    media_type=PDF,
    responses=problems(401, 403, 404, 409, 412, 413, 415, 428),
)
async def preview_documents(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    action: FromPath[str],
    data: Annotated[dict[str, Any], Body()],
    if_match: IfMatch = None,
) -> Response[bytes]:
    """Draw the documents that an act with this payload would issue, marked as samples. Nothing is written."""
    command = Command(actor, number, act_of(action), data, now, version=version_of(if_match))
    return sample(await drafting.preview(context, command))


@get(
    "/slips/{number:str}/content",
    operation_id="printSlip",
    summary="One document of no case, to print",
    tags=_TAG,
    media_type=PDF,
    responses=problems(401, 404, 409),
)
async def print_slip(context: Engine, actor: Caller, now: Now, number: FromPath[str]) -> Stream:
    """Hand out the PDF/A of an information slip, a mandate form or a ticket by its number (文号). It is logged."""
    printed = await slip_drafting.find_slip(context, actor, number, now)
    return Stream(chunks_of(await printing.open_printed(context, printed)), headers=headers_of(printed))


def sample(pdf: bytes) -> Response[bytes]:
    """The answer to a wish to see a document before it is issued."""
    return Response(pdf, media_type=PDF, headers=PRIVATE)


def headers_of(printed: Printed) -> dict[str, str]:
    """The head of a document's answer: shown in the browser, saved under its title and number."""
    return {
        **PRIVATE,
        "Content-Type": PDF,
        "Content-Length": str(printed.size),
        "ETag": f'"{printed.sha256}"',
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(printed.name, safe='')}",
    }
