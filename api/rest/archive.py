"""归档信息包: the archive package of a case, ordered, followed while it is made, and taken out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Stream
from msgspec import Meta, Struct

from api.rest.answers import shape
from api.rest.bodies import Strict
from api.rest.problems import problems
from api.rest.streams import chunks_of
from api.rest.viewing import PRIVATE
from api.state import Caller, Engine, Now
from engine.archive import archiving

_TAG = ["archive"]


class Packaging(Struct, forbid_unknown_fields=True, frozen=True):
    """Why a file that lacks something is archived as it is."""

    reason: Annotated[str, Meta(max_length=200)] = ""


class LackRow(Struct):
    """Something that the file of the case lacks: a document, a scan of a line, a duty."""

    code: str
    subject: str
    zh: str
    en: str


class PackageRow(Struct):
    """A package: ``waiting``, ``ready`` or ``failed`` with why; files done of all; size in bytes."""

    state: str
    ordered_at: datetime
    ordered_by_name: str
    reason: str
    files_done: int
    files: int
    failure: str
    seq: int
    algorithm: str
    digest: str
    size: int
    retain_until: datetime | None
    ended_at: datetime | None


class PackageView(Struct):
    """What the file of a case lacks now, and its package that was ordered last."""

    case: str
    missing: list[LackRow]
    package: PackageRow | None


_AS_IT_IS: Final = Example(summary="Archived as it is", value={"reason": "原件在审批期间遗失，已另行说明。"})


@post("/cases/{number:str}/archive-package", operation_id="orderArchivePackage", summary="Have a package made",
      tags=_TAG, status_code=202, dto=Strict[Packaging], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def order_package(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[Packaging, Body(examples=[_AS_IT_IS])],
) -> PackageView:
    """Order the package of a case that is over; a file that lacks something is refused unless a reason is given."""
    return shape(PackageView, await archiving.order_package(context, actor, number, data.reason, now))


@get("/cases/{number:str}/archive-package", operation_id="readArchivePackage", summary="How far it is",
     tags=_TAG, responses=problems(401, 403, 404))  # fmt: skip
async def read_package(context: Engine, actor: Caller, number: FromPath[str]) -> PackageView:
    """Read what the file of the case lacks and how far its package is."""
    return shape(PackageView, await archiving.read_package(context, actor, number))


@get("/cases/{number:str}/archive-package/content", operation_id="takeArchivePackage", summary="Take it out",
     tags=_TAG, media_type="application/zip", responses=problems(401, 403, 404, 409, 503))  # fmt: skip
async def take_package(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    reason: Annotated[str, QueryParameter(description="What it is taken for; logged.", max_length=200)] = "",
) -> Stream:
    """Hand out the newest package; everything known of the applicant is in it, so why it is taken is logged."""
    content = await archiving.find_package(context, actor, number, reason, now)
    headers = PRIVATE | {
        "Content-Disposition": f'attachment; filename="{content.name}"',
        "Content-Length": str(content.size),
        "Digest": f"{content.algorithm}={content.digest}",
        "X-Content-Type-Options": "nosniff",
    }
    return Stream(chunks_of(await archiving.open_package(context, content)), headers=headers)
