"""The issue counter: collection by code, shelves, parcels, certificates, the day's ledger."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

import msgspec
from litestar import get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta, Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.case_answers import Done
from api.rest.counter_answers import (
    Counted,
    Ledger,
    LedgerRow,
    Moved,
    ShelfPage,
    ShelfRow,
)
from api.rest.cursors import MomentPlace, read_cursor, write_cursor
from api.rest.hall_answers import Packaged
from api.rest.many import Named, versions_of
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, IfMatch, Limit, key_of, version_of
from api.state import Caller, Engine, Now
from engine.issue import counter
from workflows.errors import Malformed
from workflows.payload import Code, Person, ShortText

_TAG = ["counter"]
PickupCode = Annotated[str, Meta(min_length=1, max_length=20)]
Shelf = Annotated[str, Meta(min_length=1, max_length=200)]
Hall = Annotated[str | None, QueryParameter(name="hall", description="Code of the hall, for who works in several.")]
_WHO: Final = {"name": "示例经办人", "id_kind": "resident_id", "id_number": "11010519491231002X", "relation": "self"}
_FIRST, _SECOND = "460100260302000017", "460100260302000025"


class Collecting(Struct, forbid_unknown_fields=True, frozen=True):
    """The code that is shown, and who takes the result.

    ``mandate``: it was checked, where they collect for another; ``mandate_number``: of one that is registered.
    """

    code: PickupCode
    recipient: Person
    mandate: bool | None = None
    mandate_number: ShortText | None = None


class Shown(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case, the version that the caller has seen, and the code that is shown for it."""

    code: PickupCode


class CollectingSeveral(Struct, forbid_unknown_fields=True, frozen=True):
    """The cases of one party with the code of each, and who takes the results."""

    cases: list[Shown]
    recipient: Person
    mandate: bool | None = None
    mandate_number: ShortText | None = None


class Placing(Struct, forbid_unknown_fields=True, frozen=True):
    """Where a result is put."""

    shelf: Shelf


class Counting(Struct, forbid_unknown_fields=True, frozen=True):
    """What lies on a shelf: the numbers of the cases."""

    shelf: Annotated[str, Meta(max_length=200)]
    found: Annotated[list[Code], Meta(max_length=2000)]
    hall: Code | None = None


_COLLECTING: Final = Example(summary="Collected by the applicant", value={"code": "042917", "recipient": _WHO})
_SEVERAL: Final = Example(
    summary="Both at once",
    value={"cases": [{"number": _FIRST, "code": "042917"}, {"number": _SECOND, "code": "771203"}], "recipient": _WHO},
)
_PLACING: Final = Example(summary="To another shelf", value={"shelf": "A3"})
_COUNTING: Final = Example(summary="Two lie on A3", value={"shelf": "A3", "found": [_FIRST, _SECOND]})


@post("/cases/{number:str}/collect", operation_id="collectByCode", summary="Hand over against a pickup code",
      tags=_TAG, status_code=200, dto=Strict[Collecting], return_dto=None,
      responses=problems(401, 403, 404, 409, 412, 413, 415, 428, 429))  # fmt: skip
async def collect(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[Collecting, Body(examples=[_COLLECTING])],
    key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Done:
    """Deliver a result to who shows its code and is identified. Five wrong codes lock the case for half an hour."""
    answer = await counter.collect(
        context, actor, data.code, number, _delivery(data), now, key_of(key), version=version_of(if_match)
    )
    return shape(Done, answer)


@post("/packages/collect", operation_id="collectSeveral", summary="Hand over several against their codes", tags=_TAG,
      status_code=200, dto=Strict[CollectingSeveral], return_dto=None,
      responses=problems(401, 403, 404, 409, 412, 413, 415, 428, 429))  # fmt: skip
async def collect_package(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[CollectingSeveral, Body(examples=[_SEVERAL])],
    key: IdempotencyKey = None,
) -> Packaged:
    """Deliver 2 to 50 cases of one party under one certificate of service, with the code of each: all, or none."""
    if len({case.number for case in data.cases}) < len(data.cases):
        raise Malformed("case_twice", "同一办件重复列出，请删除重复项。", "A case is listed twice; remove one.")
    codes = {case.number: case.code for case in data.cases}
    answer = await counter.collect_package(
        context, actor, codes, _delivery(data), now, key_of(key), versions=versions_of(data.cases)
    )
    return shape(Packaged, answer)


@post("/cases/{number:str}/shelf", operation_id="moveOnShelf", summary="Put a result on another shelf", tags=_TAG,
      status_code=200, dto=Strict[Placing], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def move_on_shelf(
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[Placing, Body(examples=[_PLACING])],
) -> Moved:
    """Say that a result which waits for collection lies on another shelf now."""
    return shape(Moved, await counter.move(context, actor, number, data.shelf, now))


@get("/shelves", operation_id="listShelf", summary="What waits", tags=_TAG, responses=problems(401, 403, 404))
async def list_shelf(
    *,
    actor: Caller,
    now: Now,
    shelf: Annotated[str | None, QueryParameter(description="Only this shelf.")] = None,
    days: Annotated[
        int, QueryParameter(ge=0, le=3650, description="Only what has waited so many natural days; 15 to follow up.")
    ] = 0,
    hall: Hall = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ShelfPage:
    """List the results that wait in a hall, the longest first: a shelf, or those to follow up."""
    after = _after(cursor)
    rows = await counter.list_shelf(actor, now, place=shelf, days=days, hall=hall, after=after, limit=limit)
    more = write_cursor(MomentPlace(rows[-1]["in_at"], rows[-1]["id"])) if len(rows) == limit else None
    return ShelfPage(shapes(ShelfRow, rows), more)


@post("/stocktakes", operation_id="takeStock", summary="Count a shelf", tags=_TAG, dto=Strict[Counting],
      return_dto=None, responses=problems(401, 403, 404, 413, 415))  # fmt: skip
async def take_stock(
    *, actor: Caller, now: Now, data: Annotated[Counting, Body(examples=[_COUNTING])], key: IdempotencyKey = None
) -> Counted:
    """Compare what lies on a shelf with what should; the difference is kept, nothing is moved."""
    return shape(Counted, await counter.take_stock(actor, data.shelf, data.found, now, key_of(key), hall=data.hall))


@get("/deliveries", operation_id="readLedger", summary="The ledger of a day", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def read_ledger(
    *,
    context: Engine,
    actor: Caller,
    day: Annotated[date, QueryParameter(description="Hall date.")],
    hall: Hall = None,
    cursor: Cursor = None,
    limit: Limit = 200,
) -> Ledger:
    """Read what a hall handed over on a day, how, to whom and by whom, with the totals of the day."""
    found = await counter.daily_ledger(context, actor, day, hall=hall, after=_after(cursor), limit=limit)
    rows = found["rows"]
    more = write_cursor(MomentPlace(rows[-1]["delivered_at"], rows[-1]["id"])) if len(rows) == limit else None
    return Ledger(day, found["totals"], shapes(LedgerRow, rows), more)


def _delivery(data: Collecting | CollectingSeveral) -> dict[str, Any]:
    """What is sent with the act ``deliver``."""
    sent = {
        "recipient": msgspec.to_builtins(data.recipient),
        "mandate": data.mandate,
        "mandate_number": data.mandate_number,
    }
    return {name: value for name, value in sent.items() if value is not None}


def _after(cursor: str | None) -> Any:
    if cursor is None:
        return counter.FIRST
    place = read_cursor(cursor, MomentPlace)
    return place.at, place.id
