"""留痕校验与证明: checkpoints, the verification of a case, its proof, and a bundle that proves itself elsewhere."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import IO, Annotated

from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream
from msgspec import Struct

from api.rest.answers import shape, shapes
from api.rest.cursors import SeqPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.rest.viewing import PRIVATE
from api.state import Caller, Engine, Now
from engine.checkpoints import proving
from engine.checkpoints.audit_bundle import Selection, export_bundle
from storage.object_stream import CHUNK_BYTES

_TAG = ["audit"]


class SignedHeader(Struct):
    """A checkpoint: ``header`` is the exact text that is signed (Ed25519), sorted JSON; key and signature in hex."""

    number: int
    header: str
    signature: str
    key: str
    public_key: str


class HeaderPage(Struct):
    """Checkpoints in order, and where the next page begins; no ``next`` on the last page."""

    checkpoints: list[SignedHeader]
    next: str | None = None


class BreachRow(Struct):
    """Something that does not fit: the chain and the number in it, a stable code, and why in words."""

    chain: str
    seq: int
    code: str
    zh: str
    en: str


class VerdictView(Struct):
    """What a verification found. ``sealed_to``: the last event that ``checkpoint`` of ``day`` seals; 0 before any does.

    ``objects``: how many stored files were read again.
    """

    case: str
    whole: bool
    events: int
    objects: int
    sealed_to: int
    checkpoint: int | None
    day: date | None
    zh: str
    en: str
    breaches: list[BreachRow]


class EventDigest(Struct):
    """The digest of one event, by the algorithm that it names."""

    seq: int
    name: str
    at: datetime
    algorithm: str
    digest: str


class PathRow(Struct):
    """A sealed head and its path to the root of the checkpoint (RFC 6962 2.1.1), from the bottom up, in hex.

    The leaf is the JSON of ``chain``, ``digest`` and ``seq``, sorted and without spaces.
    """

    chain: str
    seq: int
    digest: str
    checkpoint: int
    place: int
    path: list[str]


class ProofView(Struct):
    """Everything that somebody else needs to check when the events of a case were there, and that they are the same."""

    case: str
    events: list[EventDigest]
    proofs: list[PathRow]
    checkpoints: list[SignedHeader]


@get("/checkpoints", operation_id="listCheckpoints", summary="Signed checkpoints", tags=_TAG,
     responses=problems(401, 403))  # fmt: skip
async def list_checkpoints(context: Engine, actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> HeaderPage:
    """List the checkpoints of the trail in order; for auditors, to be kept in another place."""
    after = read_cursor(cursor, SeqPlace).seq if cursor is not None else 0
    rows = await proving.list_checkpoints(context, actor, after, limit)
    more = write_cursor(SeqPlace(rows[-1]["number"])) if len(rows) == limit else None
    return HeaderPage(shapes(SignedHeader, rows), more)


@get("/cases/{number:str}/verification", operation_id="verifyCase", summary="Is its trail whole", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def verify_case(
    *,
    context: Engine,
    actor: Caller,
    number: FromPath[str],
    objects: Annotated[bool, QueryParameter(description="Read its stored files again too.")] = False,
) -> VerdictView:
    """Walk the trail of a case and hold it against every checkpoint that seals a part of it; for auditors."""
    found = await proving.verify_case(context, actor, number, objects=objects)
    names = ("case", "whole", "events", "objects", "sealed_to", "checkpoint", "day", "zh", "en")
    told = {name: getattr(found, name) for name in names}
    rows = [BreachRow(one.chain, one.seq, one.code, one.zh, one.en) for one in found.breaches]
    return VerdictView(**told, breaches=rows)


@get("/cases/{number:str}/proof", operation_id="proveCase", summary="What it is proved by", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def prove_case(context: Engine, actor: Caller, number: FromPath[str]) -> ProofView:
    """Give the digests of its events, their paths, and the signed checkpoints that these lead to; for auditors."""
    return shape(ProofView, await proving.prove(context, actor, number))


@get("/cases/{number:str}/bundle", operation_id="takeBundle", summary="Take the trail elsewhere", tags=_TAG,
     media_type="application/zip", responses=problems(401, 403, 404, 409))  # fmt: skip
async def take_bundle(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    reason: Annotated[str, QueryParameter(description="What it is taken for; logged.", max_length=200)] = "",
    files: Annotated[bool, QueryParameter(description="Also originals and documents.")] = False,
) -> Stream:
    """Hand out the trail of a case with all that proves it and a program that checks it; logged with the reason."""
    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        await export_bundle(context, actor, Selection(case=number, files=files), reason, file, now)
    except BaseException:
        file.close()
        raise
    headers = {
        **PRIVATE,
        "Content-Length": str(file.seek(0, 2)),
        "Content-Disposition": f'attachment; filename="bundle-{number}.zip"',
        "X-Content-Type-Options": "nosniff",
    }
    file.seek(0)
    return Stream(_pieces(file), headers=headers)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
