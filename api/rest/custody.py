"""Papers between a hall and a department: batches, their reception, where each paper is, originals handed back."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import KeyPlace, MomentPlace, read_cursor, write_cursor
from api.rest.custody_answers import (
    HandedBack,
    HeldPage,
    HeldRow,
    OwedPage,
    OwedRow,
    Packed,
    PaperBatchPage,
    PaperBatchRow,
    PaperBatchView,
    PaperView,
    Stepped,
)
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine.papers import arriving, carrying, locating
from engine.papers.arriving import Arriving, Settling
from engine.papers.packing import Packing, pack
from engine.papers.returning import Returning, give_back
from workflows.payload import Text

_TAG = ["papers"]
_NUMBER: Final = "460100260302000017"
_PACKING: Final = Example(
    summary="One case to its department", value={"to": "amr", "seal": "F-000123", "cases": [{"case": _NUMBER}]}
)
_ARRIVING: Final = Example(
    summary="One original is missing",
    value={"pieces": 6, "lines": [{"case": _NUMBER, "line": "M01", "originals": 0}]},
)
_SETTLING: Final = Example(summary="It was left behind", value={"outcome": "left_behind", "word": "在窗口找到"})
_WHO: Final = {"name": "示例领取人", "id_kind": "resident_id", "id_number": "11010519491231002X", "relation": "self"}
_RETURNING: Final = Example(summary="All of them, signed for", value={"recipient": _WHO, "signed": True})
Code = FromPath[str]
Hall = Annotated[str | None, QueryParameter(name="hall", description="Code of the hall, for who works in several.")]


class Refusing(Struct, forbid_unknown_fields=True, frozen=True):
    """Why a batch is not taken."""

    reason: Text


_REFUSING: Final = Example(summary="The seal is broken", value={"reason": "封签已破损，退回重新封装。"})


@post("/paper-batches", operation_id="packPaperBatch", summary="Pack a batch", tags=_TAG, dto=Strict[Packing],
      return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def pack_batch(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Packing, Body(examples=[_PACKING])],
    key: IdempotencyKey = None,
) -> Packed:
    """Seal papers of one or more cases into a batch and number its slip (D23): 200 lines at most, all or none."""
    return shape(Packed, await pack(context, actor, data, now, key_of(key)))


@get("/paper-batches", operation_id="listPaperBatches", summary="Batches", tags=_TAG, responses=problems(401))
async def list_batches(
    *,
    actor: Caller,
    states: Annotated[
        list[str] | None, QueryParameter(name="state", description="Only batches in one of these states.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PaperBatchPage:
    """List the batches of the caller's halls and departments, the newest first."""
    before = read_cursor(cursor, KeyPlace).id if cursor is not None else locating.NEWEST
    rows = await locating.list_batches(actor, states=states, before=before, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return PaperBatchPage(shapes(PaperBatchRow, rows), more)


@get("/paper-batches/{code:str}", operation_id="readPaperBatch", summary="One batch", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def read_batch(context: Engine, actor: Caller, code: Code) -> PaperBatchView:
    """Read a batch by the code on its slip: lines, people, discrepancies, and what the caller may do with it now."""
    return shape(PaperBatchView, await locating.read_batch(context, actor, code))


@post("/paper-batches/{code:str}/send", operation_id="sendPaperBatch", summary="Send a batch", tags=_TAG,
      status_code=200, responses=problems(401, 403, 404, 409))  # fmt: skip
async def send_batch(context: Engine, actor: Caller, now: Now, code: Code, key: IdempotencyKey = None) -> Stepped:
    """Record that a sealed batch has left."""
    return shape(Stepped, await carrying.send(context, actor, code, now, key_of(key)))


@post("/paper-batches/{code:str}/unpack", operation_id="unpackPaperBatch", summary="Unpack a batch", tags=_TAG,
      status_code=200, responses=problems(401, 403, 404, 409))  # fmt: skip
async def unpack_batch(context: Engine, actor: Caller, now: Now, code: Code, key: IdempotencyKey = None) -> Stepped:
    """Take a batch apart that has not left; its papers are where they were."""
    return shape(Stepped, await carrying.unpack(context, actor, code, now, key_of(key)))


@post("/paper-batches/{code:str}/receive", operation_id="receivePaperBatch", summary="Receive a batch", tags=_TAG,
      status_code=200, dto=Strict[Arriving], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def receive_batch(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    code: Code,
    data: Annotated[Arriving, Body(examples=[_ARRIVING])],
    key: IdempotencyKey = None,
) -> Stepped:
    """Count a batch against its seal. Lines that differ are named; who packed or sent it does not receive it."""
    return shape(Stepped, await arriving.receive(context, actor, code, data, now, key_of(key)))


@post("/paper-batches/{code:str}/refuse", operation_id="refusePaperBatch", summary="Refuse a batch", tags=_TAG,
      status_code=200, dto=Strict[Refusing], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def refuse_batch(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    code: Code,
    data: Annotated[Refusing, Body(examples=[_REFUSING])],
    key: IdempotencyKey = None,
) -> Stepped:
    """Send a batch back unopened, with the reason."""
    return shape(Stepped, await carrying.refuse(context, actor, code, data.reason, now, key_of(key)))


@post("/paper-batches/{code:str}/take-back", operation_id="takeBackPaperBatch", summary="Take a refused batch back",
      tags=_TAG, status_code=200, dto=Strict[Arriving], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def take_back_batch(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    code: Code,
    data: Annotated[Arriving, Body(examples=[_ARRIVING])],
    key: IdempotencyKey = None,
) -> Stepped:
    """Count a refused batch again where it came from."""
    return shape(Stepped, await arriving.take_back(context, actor, code, data, now, key_of(key)))


@post("/paper-batches/{code:str}/discrepancies/{discrepancy:uuid}", operation_id="settleDiscrepancy",
      summary="Settle a discrepancy", tags=_TAG, status_code=200, dto=Strict[Settling], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def settle_discrepancy(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    code: Code,
    discrepancy: FromPath[UUID],
    data: Annotated[Settling, Body(examples=[_SETTLING])],
    key: IdempotencyKey = None,
) -> Stepped:
    """Acknowledge a discrepancy as who handed over, or settle it as a supervisor."""
    return shape(Stepped, await arriving.settle(context, actor, code, discrepancy, data, now, key_of(key)))


@get("/cases/{number:str}/paper", operation_id="readPaper", summary="Where the paper is", tags=_TAG,
     responses=problems(401, 404))  # fmt: skip
async def read_paper(context: Engine, actor: Caller, number: FromPath[str]) -> PaperView:
    """Say where the papers of a case are, line by line, and every move that brought them there."""
    return shape(PaperView, await locating.where_is(context, actor, number))


@post("/cases/{number:str}/paper/returns", operation_id="returnOriginals", summary="Hand originals back", tags=_TAG,
      dto=Strict[Returning], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def return_originals(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[Returning, Body(examples=[_RETURNING])],
    key: IdempotencyKey = None,
) -> HandedBack:
    """Hand originals back to the applicant or who acts for them, against a signature on the slip (D23)."""
    return shape(HandedBack, await give_back(context, actor, number, data, now, key_of(key)))


@get("/papers", operation_id="listPapersAt", summary="Papers at a department", tags=_TAG, responses=problems(401, 404))
async def list_papers(
    *,
    actor: Caller,
    at: Annotated[str, QueryParameter(description="Code of the department.")],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HeldPage:
    """List everything that is at a department, what has been there longest first."""
    rows = await locating.list_at(actor, at, _after(cursor), limit)
    return HeldPage(shapes(HeldRow, rows), _more(rows, limit, "since"))


@get("/papers/owed", operation_id="listOwed", summary="Originals to hand back", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def list_owed(*, actor: Caller, hall: Hall = None, cursor: Cursor = None, limit: Limit = 50) -> OwedPage:
    """List the cases of a hall that are over and whose originals were not handed back, the first due first."""
    rows = await locating.list_owed(actor, hall=hall, after=_after(cursor), limit=limit)
    return OwedPage(shapes(OwedRow, rows), _more(rows, limit, "due_at"))


def _after(cursor: str | None) -> Any:
    if cursor is None:
        return locating.FIRST
    place = read_cursor(cursor, MomentPlace)
    return place.at, place.id


def _more(rows: list[dict[str, Any]], limit: int, moment: str) -> str | None:
    return write_cursor(MomentPlace(rows[-1][moment], rows[-1]["id"])) if len(rows) == limit else None
