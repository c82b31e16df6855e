"""案卷: the dossier of a case, ordered, followed while it is bound, and taken out whole or in ranges."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from litestar.response import Stream
from msgspec import Meta, Struct

from api.rest.answers import shape
from api.rest.bodies import Strict
from api.rest.byte_ranges import ByteRange, IfRange, range_of
from api.rest.problems import problems
from api.rest.streams import chunks_of
from api.rest.viewing import PDF, PRIVATE
from api.state import Caller, Engine, Now
from engine.archive import dossier

_TAG = ["archive"]


class Binding(Struct, forbid_unknown_fields=True, frozen=True):
    """What the dossier is for."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class DossierRow(Struct):
    """A dossier: ``waiting``, ``ready``, ``failed`` with why, ``dropped``; pages bound of all; size in bytes.

    ``working_copy``: the case was not over. ``seq``: the last event in it.
    """

    state: str
    ordered_at: datetime
    ordered_by_name: str
    reason: str
    pages_done: int
    pages: int
    percent: int
    failure: str
    working_copy: bool
    seq: int
    digest: str
    size: int
    ended_at: datetime | None


class DossierView(Struct):
    """The dossier of a case that the caller ordered last."""

    case: str
    dossier: DossierRow | None


_REVIEW: Final = Example(summary="For a review", value={"reason": "行政复议机关调阅"})


@post("/cases/{number:str}/dossier", operation_id="orderDossier", summary="Have the dossier bound", tags=_TAG,
      status_code=202, dto=Strict[Binding], return_dto=None,
      responses=problems(401, 403, 404, 413, 415, 422))  # fmt: skip
async def order_dossier(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[Binding, Body(examples=[_REVIEW])],
) -> DossierView:
    """Order the dossier of a case as it stands now; it names the caller on pages of personal data. Logged."""
    return shape(DossierView, await dossier.order_dossier(context, actor, number, data.reason, now))


@get("/cases/{number:str}/dossier", operation_id="readDossier", summary="How far it is", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def read_dossier(context: Engine, actor: Caller, number: FromPath[str]) -> DossierView:
    """Read how far the dossier is that the caller ordered last."""
    return shape(DossierView, await dossier.read_dossier(context, actor, number))


@get("/cases/{number:str}/dossier/content", operation_id="takeDossier", summary="Take it out", tags=_TAG,
     media_type=PDF, responses=problems(401, 403, 404, 416, 503))  # fmt: skip
async def take_dossier(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    byte_range: ByteRange = None,
    if_range: IfRange = None,
) -> Stream:
    """Hand out the newest dossier that the caller had bound, wholly or one range of it. Logged with its reason."""
    content = await dossier.find_dossier(context, actor, number, now)
    tag = f'"{content.digest}"'
    wanted = range_of(byte_range, content.size) if if_range is None or if_range.strip() == tag else None
    first, last = wanted or (0, content.size - 1)
    stream = await dossier.open_dossier(context, content, first, last - first + 1)
    headers = PRIVATE | {
        "Content-Type": PDF,
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Content-Length": str(last - first + 1),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(content.name, safe='')}",
    }
    if wanted:
        headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
    return Stream(chunks_of(stream), status_code=206 if wanted else 200, headers=headers)
