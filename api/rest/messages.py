"""Messages: the inbox, letters and calls by hand, what was not sent, gateways and their reports, calls in the hall."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from litestar import Request, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, HeaderParameter, QueryParameter
from msgspec import Meta, Struct

from api.rest.answers import shape, shapes
from api.rest.bodies import Strict
from api.rest.cursors import KeyPlace, read_cursor, write_cursor
from api.rest.message_answers import (
    Called,
    GatewayState,
    InboxPage,
    InboxRow,
    MarkedRead,
    Settled,
    UnsentPage,
    UnsentRow,
)
from api.rest.problems import problems
from api.rest.requests import Cursor, IdempotencyKey, Limit, key_of
from api.state import Caller, Engine, Now
from engine.messages import informing, resending
from engine.messages.informing import NEWEST
from engine.messages.resending import UNSENT, Report
from workflows.payload import Code

_TAG: Final = ["messages"]
_KEY: Final = "01980000-0000-7000-8000-000000000000"
_KEYS: Final = Example(summary="One task", value={"messages": [_KEY]})
_DONE: Final = Example(summary="Printed, or told on the telephone", value={"outcome": "done"})
_WINDOW: Final = Example(summary="To a window", value={"window": "hall-w1"})
_REPORTED: Final = Example(summary="Delivered", value={"id": _KEY, "state": "delivered"})


class Tasks(Struct, forbid_unknown_fields=True, frozen=True):
    """The keys of tasks."""

    messages: Annotated[list[UUID], Meta(min_length=1, max_length=200)]


class ByHand(Struct, forbid_unknown_fields=True, frozen=True):
    """What came of a letter or a call."""

    outcome: Literal["done", "not_reached"]


class Call(Struct, forbid_unknown_fields=True, frozen=True):
    """Where the applicant is asked to come: the code of a window, or nothing for the hall."""

    window: Code | None = None


def _before(cursor: str | None) -> UUID:
    return read_cursor(cursor, KeyPlace).id if cursor is not None else NEWEST


def _more(rows: list[dict[str, Any]], limit: int) -> str | None:
    return write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None


@get("/inbox", operation_id="listInbox", summary="My inbox", tags=_TAG, responses=problems(401))
async def list_inbox(
    context: Engine,
    actor: Caller,
    now: Now,
    unread: Annotated[bool, QueryParameter(description="Only what the caller has not read.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> InboxPage:
    """List what was left for the caller, or for their role where they hold it, the newest first; 60 days back."""
    rows = await informing.list_inbox(context, actor, now, unread=unread, before=_before(cursor), limit=limit)
    return InboxPage(shapes(InboxRow, rows), _more(rows, limit))


@post("/inbox/read", operation_id="markRead", summary="Mark as read", tags=_TAG, status_code=200, dto=Strict[Tasks],
      return_dto=None, responses=problems(401, 413, 415))  # fmt: skip
async def mark_read(actor: Caller, now: Now, data: Annotated[Tasks, Body(examples=[_KEYS])]) -> MarkedRead:
    """Mark tasks as read by the caller; those of others stay as they are."""
    return MarkedRead(await informing.mark_read(actor, data.messages, now))


@get("/messages/by-hand", operation_id="listByHand", summary="Letters and calls to make", tags=_TAG,
     responses=problems(401, 403))  # fmt: skip
async def list_by_hand(
    context: Engine,
    actor: Caller,
    way: Annotated[Literal["letter", "voice"], QueryParameter(description="Letters to print, or calls to make.")],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> InboxPage:
    """List what the window prints, or tells on the telephone where no gateway makes calls."""
    rows = await informing.list_by_hand(context, actor, way, before=_before(cursor), limit=limit)
    return InboxPage(shapes(InboxRow, rows), _more(rows, limit))


@post("/messages/{message:uuid}/outcome", operation_id="settleByHand", summary="What came of it", tags=_TAG,
      status_code=200, dto=Strict[ByHand], return_dto=None, responses=problems(401, 403, 404, 413, 415))  # fmt: skip
async def settle_by_hand(
    actor: Caller, now: Now, message: FromPath[UUID], data: Annotated[ByHand, Body(examples=[_DONE])]
) -> Settled:
    """Say that a letter was printed or a call was made; after three calls without an answer the message has failed."""
    return shape(Settled, await informing.settle_by_hand(actor, message, data.outcome, now))


@get("/messages/unsent", operation_id="listUnsent", summary="What was not sent", tags=_TAG,
     responses=problems(401, 403))  # fmt: skip
async def list_unsent(
    actor: Caller,
    wanted: Annotated[
        Literal["failed", "suppressed"] | None,
        QueryParameter(name="state", description="Only those; both when absent."),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> UnsentPage:
    """List messages that failed or were suppressed; system administrators see all, hall managers their halls'."""
    states = (wanted,) if wanted else UNSENT
    rows = await resending.list_unsent(actor, states=states, before=_before(cursor), limit=limit)
    return UnsentPage(shapes(UnsentRow, rows), _more(rows, limit))


@post("/messages/{message:uuid}/retry", operation_id="sendAgain", summary="Try a message again", tags=_TAG,
      status_code=204, responses=problems(401, 403, 404))  # fmt: skip
async def send_again(context: Engine, actor: Caller, now: Now, message: FromPath[UUID]) -> None:
    """Let a message that was not sent be tried anew."""
    await resending.send_again(context, actor, message, now)


@get("/gateways", operation_id="listGateways", summary="How the gateways are", tags=_TAG, responses=problems(401, 403))
async def list_gateways(context: Engine, actor: Caller) -> list[GatewayState]:
    """List each gateway: configured or not, failing since when and why, how many messages wait for it."""
    return shapes(GatewayState, await resending.list_gateways(context, actor))


@post("/cases/{number:str}/call", operation_id="callApplicant", summary="Call to a window", tags=_TAG, status_code=202,
      dto=Strict[Call], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def call_applicant(
    *,
    context: Engine,
    actor: Caller,
    now: Now,
    number: FromPath[str],
    data: Annotated[Call, Body(examples=[_WINDOW])],
    key: IdempotencyKey = None,
) -> Called:
    """Call the applicant by the number of the case, on the hall's displays and loudspeakers; never by name."""
    done = await informing.call_applicant(context, actor, number, now, window=data.window or "", key=key_of(key))
    return shape(Called, done)


@post("/public/gateways/{gateway:str}/reports", operation_id="takeReport", summary="What became of a message",
      tags=["public"], status_code=204, dto=Strict[Report], return_dto=None,
      responses=problems(401, 404, 413, 415))  # fmt: skip
async def take_report(
    *,
    request: Request[Any, Any, Any],
    context: Engine,
    now: Now,
    gateway: FromPath[str],
    data: Annotated[Report, Body(examples=[_REPORTED])],
    timestamp: Annotated[str, HeaderParameter(name="X-Yichuang-Timestamp", description="Unix time in seconds.")] = "",
    signature: Annotated[
        str,
        HeaderParameter(
            name="X-Yichuang-Signature",
            description="`sha256=` and HMAC-SHA256 over `timestamp.body` under the gateway's key, hexadecimal.",
        ),
    ] = "",
) -> None:
    """Take a gateway's report on a message, signed with the key that the gateway was given."""
    resending.check_signature(context, gateway, timestamp, signature, await request.body(), now)
    await resending.take_report(gateway, data, now)


ROUTES: Final = (
    list_inbox,
    mark_read,
    list_by_hand,
    settle_by_hand,
    list_unsent,
    send_again,
    list_gateways,
    call_applicant,
)
