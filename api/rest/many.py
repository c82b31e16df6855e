"""Work on many cases in one request: the same act on each, one delivery for several, the board of cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cases import act_of
from api.rest.cursors import MomentPlace, read_cursor, write_cursor
from api.rest.hall_answers import BoardPage, BoardRow, EachResult, Packaged
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine import bulk, overseeing
from engine.issue import packaging

_TAG = ["cases"]
Version = Annotated[int, Meta(ge=1, le=999_999_999)]


class Named(Struct, forbid_unknown_fields=True, frozen=True):
    """A case and the version that the caller has seen; tokens must give it."""

    number: Annotated[str, Meta(min_length=1, max_length=24)]
    version: Version | None = None


def versions_of(named: Sequence[Named]) -> dict[str, int]:
    """The versions that the caller gave, by the number of the case."""
    return {case.number: case.version for case in named if case.version is not None}


class Bulk(Struct, forbid_unknown_fields=True, frozen=True):
    """The cases and what is sent with the act, the same for each."""

    cases: list[Named]
    payload: dict[str, Any] = {}


class Package(Struct, forbid_unknown_fields=True, frozen=True):
    """The cases of one party, and what is sent with each delivery.

    ``split``: the applicant agrees that what is not ready follows later.
    """

    cases: list[Named]
    delivery: dict[str, Any]
    split: bool = False


_EACH: Final = Example(
    summary="accept", value={"cases": [{"number": "460100260302000017", "version": 2}], "payload": {}}
)
_TOGETHER: Final = Example(
    summary="The applicant takes both",
    value={
        "cases": [{"number": "460100260302000017", "version": 9}, {"number": "460100260302000025", "version": 9}],
        "delivery": {"recipient": {"name": "示例经办人", "id_kind": "resident_id", "id_number": "11010519491231002X"}},
    },
)


@post("/bulk/{action:str}", operation_id="actOnEach", summary="The same act on many cases", tags=_TAG, status_code=200,
      dto=Strict[Bulk], return_dto=None, responses=problems(401, 404, 413, 415))  # fmt: skip
async def act_on_each(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    action: FromPath[str],
    data: Annotated[Bulk, Body(examples=[_EACH])],
    key: IdempotencyKey = None,
) -> list[EachResult]:
    """Do one act on up to 100 cases, each on its own: a refusal of one never stops the others. A result per case."""
    wanted = [(case.number, case.version) for case in data.cases]
    results = await bulk.act_on_each(context, actor, act_of(action), wanted, data.payload, now, key_of(key))
    return shapes(EachResult, results)


@post("/packages", operation_id="deliverPackage", summary="Hand over several results at once", tags=_TAG,
      status_code=200, dto=Strict[Package], return_dto=None,
      responses=problems(401, 403, 404, 409, 412, 413, 415, 428))  # fmt: skip
async def deliver_package(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Package, Body(examples=[_TOGETHER])],
    key: IdempotencyKey = None,
) -> Packaged:
    """Deliver 2 to 50 cases of one party in one hall under one certificate of service: all of them, or none."""
    answer = await packaging.deliver_package(
        context,
        actor,
        [case.number for case in data.cases],
        data.delivery,
        now,
        key_of(key),
        split=data.split,
        versions=versions_of(data.cases),
    )
    return shape(Packaged, answer)


@get("/cards", operation_id="listBoard", summary="The board of cards", tags=["oversight"],
     responses=problems(401, 403))  # fmt: skip
async def list_board(
    *,
    context: Engine,
    actor: Caller,
    levels: Annotated[
        list[Literal["amber", "yellow", "red"]] | None,
        QueryParameter(name="level", description="Only these levels; may be repeated."),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> BoardPage:
    """List the cards that count within the caller's organisation, the newest first; lifted ones are not on it."""
    place = read_cursor(cursor, MomentPlace) if cursor is not None else None
    rows = await overseeing.list_board(
        context,
        actor,
        levels=list(levels) if levels else None,
        after=(place.at, place.id) if place else None,
        limit=limit,
    )
    more = write_cursor(MomentPlace(rows[-1]["raised_at"], rows[-1]["id"])) if len(rows) == limit else None
    return BoardPage(shapes(BoardRow, rows), more)
