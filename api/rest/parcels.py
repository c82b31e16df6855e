"""Results that go by post: parcels of the hall's own, orders to the courier, and what the courier reports."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, HeaderParameter
from msgspec import Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.case_answers import Done
from api.rest.counter import Hall
from api.rest.counter_answers import Ordered, OrderPage, OrderRow, Posted
from api.rest.cursors import MomentPlace, read_cursor, write_cursor
from api.rest.many import Named, versions_of
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine.issue import packaging, shipping
from engine.issue.courier import Receiver, Tracking, Waybill, check_signature
from workflows.payload import Code, ShortText

_TAG = ["counter"]
_FIRST, _SECOND = "460100260302000017", "460100260302000025"


class Parcel(Struct, forbid_unknown_fields=True, frozen=True):
    """The cases of one party that leave in one parcel. ``split``: what is not ready follows later, as agreed."""

    cases: list[Named]
    carrier: ShortText
    waybill: Waybill
    split: bool = False


class Sending(Struct, forbid_unknown_fields=True, frozen=True):
    """The cases of one party that the courier is asked to carry in one parcel, and where to."""

    cases: list[Code]
    receiver: Receiver


_PARCEL: Final = Example(
    summary="Posted by hand", value={"cases": [{"number": _FIRST}], "carrier": "示例速递", "waybill": "EX123456789CN"}
)
_SENDING: Final = Example(
    summary="By courier",
    value={
        "cases": [_FIRST, _SECOND],
        "receiver": {"name": "示例收件人", "phone": "13800001234", "address": "海南省海口市示例路1号"},
    },
)
_TOLD: Final = Example(
    summary="Signed for", value={"waybill": "SF0000000001", "state": "signed", "signed_by": "示例前台"}
)


@post("/postings", operation_id="postPackage", summary="Post several results in one parcel", tags=_TAG,
      status_code=200, dto=Strict[Parcel], return_dto=None,
      responses=problems(401, 403, 404, 409, 412, 413, 415, 428))  # fmt: skip
async def post_package(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Parcel, Body(examples=[_PARCEL])],
    key: IdempotencyKey = None,
) -> Posted:
    """Send 1 to 50 cases of one party under one waybill that the issue window got by itself: all of them, or none."""
    answer = await packaging.post_package(
        context,
        actor,
        [case.number for case in data.cases],
        data.carrier,
        data.waybill,
        now,
        key_of(key),
        split=data.split,
        versions=versions_of(data.cases),
    )
    return Posted(shapes(Done, answer["delivered"]))


@post("/postings/orders", operation_id="orderPost", summary="Ask the courier to carry results", tags=_TAG,
      status_code=202, dto=Strict[Sending], return_dto=None,
      responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def order_post(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    data: Annotated[Sending, Body(examples=[_SENDING])],
    key: IdempotencyKey = None,
) -> Ordered:
    """Ask the courier for a waybill. The cases are sent when it is there; a courier that is down is asked again."""
    return shape(Ordered, await shipping.order_post(context, actor, data.cases, data.receiver, now, key_of(key)))


@get("/postings/orders", operation_id="listPostalOrders", summary="What the courier was asked to carry", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def list_orders(*, actor: Caller, hall: Hall = None, cursor: Cursor = None, limit: Limit = 50) -> OrderPage:
    """List a hall's orders to the courier, the newest first: waiting, sent, refused or cancelled, and why."""
    place = read_cursor(cursor, MomentPlace) if cursor is not None else None
    after = (place.at, place.id) if place else shipping.NEWEST
    rows = await shipping.list_orders(actor, hall=hall, after=after, limit=limit)
    more = write_cursor(MomentPlace(rows[-1]["ordered_at"], rows[-1]["id"])) if len(rows) == limit else None
    return OrderPage(shapes(OrderRow, rows), more)


@post("/public/courier/reports", operation_id="takeCourierReport", summary="Where a parcel is", tags=["public"],
      status_code=204, dto=Strict[Tracking], return_dto=None,
      responses=problems(401, 404, 409, 413, 415))  # fmt: skip
async def take_courier_report(
    *,
    request: Request[Any, Any, Any],
    context: Engine,
    now: Now,
    data: Annotated[Tracking, Body(examples=[_TOLD])],
    timestamp: Annotated[str, HeaderParameter(name="X-Yichuang-Timestamp", description="Unix time in seconds.")] = "",
    signature: Annotated[
        str,
        HeaderParameter(
            name="X-Yichuang-Signature",
            description="`sha256=` and HMAC-SHA256 over `timestamp.body` under the courier's key, hexadecimal.",
        ),
    ] = "",
) -> None:
    """Take the courier's report on a parcel, signed with the key it was given; a repeated one changes nothing."""
    check_signature(context.settings, timestamp, signature, await request.body(), now)
    await shipping.report(context, data, now)
