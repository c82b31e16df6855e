"""Capture: batches of files, the pages of a case in order, separator sheets."""

from __future__ import annotations

import hashlib
from itertools import count
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.openapi.spec import Example, OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import Body, FromPath, QueryParameter

from api.many_uploads import Fields, Refuse, Take, receive_files
from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.capture_answers import (
    BatchClosed,
    BatchHead,
    BatchOpened,
    BatchRow,
    CasePages,
    FilesTaken,
    PageOrders,
    PageSetAside,
    SetAside,
)
from api.rest.documents import PDF, PRIVATE
from api.rest.problems import problems
from api.rest.requests import IdempotencyKey, key_of
from api.state import Caller, Engine, Now
from engine.capture import arranging, capturing, separating, unsorted
from engine.capture.capturing import Opening
from engine.context import Context
from storage.scan_files import Received
from workflows.actor import Actor
from workflows.arrangement import Edit, PageEdit
from workflows.errors import YichuangError

_TAG = ["capture"]
_EDITS: Final = Example(
    summary="Turn a page and move another one",
    value={
        "edits": [
            {"action": "turn", "line": "M01", "scan": "0199a3c0-0000-7000-8000-000000000001", "page": 1, "turned": 90},
            {"action": "move", "line": "M01", "scan": "0199a3c0-0000-7000-8000-000000000001", "page": 2,
             "to_line": "M02", "position": 1},
        ],
        "seen": 0,
    },
)  # fmt: skip


class ManyFiles(Operation):
    """Describes the body that the route reads from the stream itself."""

    def __post_init__(self) -> None:
        """Name the parts."""
        file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        files = Schema(type=OpenAPIType.ARRAY, items=file)
        form = Schema(type=OpenAPIType.OBJECT, properties={"file": files}, required=["file"])
        self.request_body = RequestBody({"multipart/form-data": OpenAPIMediaType(schema=form)}, required=True)


@post("/capture/batches", operation_id="openBatch", summary="Begin a batch", tags=_TAG, dto=Strict[Opening],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def open_batch(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Opening, Body(examples=[Example(summary="By separator sheets", value={"name": "3号扫描仪"})])],
    key: IdempotencyKey = None,
) -> BatchOpened:
    """Begin a batch: then add files, then close it. Pages go where their separator sheets say."""
    return shape(BatchOpened, await capturing.open_batch(context, actor, data, now, key_of(key)))


@get("/capture/batches", operation_id="listBatches", summary="The newest batches", tags=_TAG,
     responses=problems(401))  # fmt: skip
async def list_batches(actor: Caller) -> list[BatchRow]:
    """List the newest batches of the halls in which the caller works."""
    return shapes(BatchRow, await capturing.list_batches(actor))


@get("/capture/batches/{batch:uuid}", operation_id="readBatch", summary="A batch with its files and pages", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def read_batch(actor: Caller, batch: FromPath[UUID]) -> BatchHead:
    """Tell the verdict on each file and where each page went; once `sorted_at` is set, nothing moves by itself."""
    return shape(BatchHead, await capturing.read_batch(actor, batch))


@post("/capture/batches/{batch:uuid}/files", operation_id="addFiles", summary="Add files to a batch", tags=_TAG,
      request_max_body_size=None, operation_class=ManyFiles,
      responses=problems(401, 404, 409, 413, 415))  # fmt: skip
async def add_files(
    *,
    request: Request[Any, Any, Any],
    context: Engine,
    actor: Caller,
    now: Now,
    batch: FromPath[UUID],
    key: IdempotencyKey = None,
) -> FilesTaken:
    """Send files as `multipart/form-data`, each in a part named `file`, in the order of the pages.

    A file that is not taken has its own line and spoils no other. With an `Idempotency-Key`, a repeated request adds
    no file twice.
    """
    checked = key_of(key)
    await capturing.require_open_batch(actor, batch)

    async def begin(_: Fields) -> tuple[Take, Refuse]:
        return hands(context, actor, batch, now, checked)

    return shape(FilesTaken, {"batch": batch, "files": await receive_files(request, context.settings, begin)})


def hands(context: Context, actor: Actor, batch: UUID, now: Now, key: str) -> tuple[Take, Refuse]:
    """What takes the good files of one request into a batch, and what notes the bad ones.

    :param key: of the request; each of its files is kept under a key of its own.
    """
    places = count(1)
    stem = f"files:{hashlib.sha256(key.encode()).hexdigest()[:32]}" if key else ""

    async def take(received: Received) -> dict[str, Any]:
        return await capturing.add_file(context, actor, batch, received, now, stem and f"{stem}/{next(places)}")

    async def refuse(name: str, refusal: YichuangError) -> dict[str, Any]:
        own = stem and f"{stem}/{next(places)}"
        return await capturing.refuse_file(actor, batch, name, refusal, now, own)

    return take, refuse


@post("/capture/batches/{batch:uuid}/close", operation_id="closeBatch", summary="Nothing more comes", tags=_TAG,
      status_code=200, responses=problems(401, 404))  # fmt: skip
async def close_batch(context: Engine, actor: Caller, now: Now, batch: FromPath[UUID]) -> BatchClosed:
    """Close a batch: its pages are sorted as soon as every file has its verdict."""
    return shape(BatchClosed, await capturing.close_batch(context, actor, batch, now))


@post("/capture/batches/{batch:uuid}/discarded", operation_id="setPageAside", summary="Set an unsorted page aside",
      tags=_TAG, status_code=200, dto=Strict[SetAside], return_dto=None,
      responses=problems(401, 404, 409, 413, 415))  # fmt: skip
async def set_aside(actor: Caller, now: Now, batch: FromPath[UUID], data: Annotated[SetAside, Body()]) -> PageSetAside:
    """Set a page aside that no line wants (blank, doubled), or take it up again. The file keeps it either way."""
    answer = await unsorted.set_aside(actor, batch, data.scan, data.page, now, discarded=data.discarded)
    return shape(PageSetAside, answer)


@get("/cases/{number:str}/pages", operation_id="readPages", summary="The pages of a case as they stand", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def read_pages(context: Engine, actor: Caller, number: FromPath[str]) -> CasePages:
    """List the pages line by line, in order, and every edit that led there."""
    return shape(CasePages, await arranging.read_pages(context, actor, number))


@post("/cases/{number:str}/pages", operation_id="editPages", summary="Put pages in order", tags=_TAG, status_code=200,
      dto=Strict[PageOrders], return_dto=None, responses=problems(401, 403, 404, 409, 412, 413, 415))  # fmt: skip
async def edit_pages(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[PageOrders, Body(examples=[_EDITS])],
    key: IdempotencyKey = None,
) -> CasePages:
    """Move, turn, remove, place or return pages: all the edits or none. Originals stay; undoing is a further edit.

    `place` takes a page that was removed, or one that waits unsorted in a batch; `return` sends one back there.
    """
    edits = [
        PageEdit(Edit(one.action), one.line, one.scan, one.page, one.to_line, one.position, one.turned)
        for one in data.edits
    ]
    answer = await arranging.edit_pages(context, actor, number, edits, now, seen=data.seen, key=key_of(key))
    return shape(CasePages, answer)


@get("/cases/{number:str}/separators", operation_id="printSeparators", summary="Separator sheets to print", tags=_TAG,
     media_type=PDF, responses=problems(401, 403, 404, 409))  # fmt: skip
async def print_separators(
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    lines: Annotated[
        list[str] | None, QueryParameter(name="line", description="Only these lines; may be repeated.")
    ] = None,
) -> Response[bytes]:
    """Draw a PDF with one sheet for each line: scanned in front of its pages, it files them by itself."""
    made = await separating.print_sheets(context, actor, number, now, frozenset(lines or ()))
    return Response(made, media_type=PDF, headers=PRIVATE)
