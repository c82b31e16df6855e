"""For departments' systems: the feed of events, and webhooks that tell of them."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from api.rest.answers import shapes
from api.rest.bodies import Strict
from api.rest.cursors import FeedPlace, KeyPlace, read_cursor, write_cursor
from api.rest.problems import problems
from api.rest.requests import Cursor, Limit
from api.rest.webhook_answers import (
    DeliveryPage,
    DeliveryRow,
    FeedPage,
    FeedRow,
    Replayed,
    WebhookAdded,
    WebhookPage,
    WebhookRow,
)
from api.state import Caller, Engine, Now
from engine.webhooks import subscribing
from engine.webhooks.subscribing import Subscribing
from storage.feed import START, Place

_TAG: Final = ["webhooks"]
_ONE: Final = "/webhooks/{webhook:uuid}"


class Replaying(Struct, forbid_unknown_fields=True):
    """From where to deliver again: ``cursor`` of the webhook, or ``next`` of the feed or of the replay before."""

    cursor: str


def _place(text: str) -> Place:
    read = read_cursor(text, FeedPlace)
    return Place(read.txid, read.id)


@get("/events", operation_id="followEvents", summary="What happened", tags=_TAG, responses=problems(401))
async def follow_events(context: Engine, actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> FeedPage:
    """Read the events of the cases within the caller's organisation in the order of commits; none is missed.

    ``next`` is always there: keep it, and ask again with it later. Without a cursor the feed begins at the beginning.
    """
    after = _place(cursor) if cursor is not None else START
    rows, end, more = await subscribing.follow(context, actor, after=after, limit=limit)
    return FeedPage(shapes(FeedRow, rows), write_cursor(FeedPlace(*end)), more)


@post("/webhooks", operation_id="addWebhook", summary="Tell a department's system", tags=_TAG,
      dto=Strict[Subscribing], return_dto=None, responses=problems(401, 403, 404, 409, 413, 415))  # fmt: skip
async def add_webhook(context: Engine, actor: Caller, now: Now, data: JSONBody[Subscribing]) -> Response[WebhookAdded]:
    """Tell a department's system of its tasks and of its cases' changes of state; stewards and heads of authority."""
    added = await subscribing.subscribe(context, actor, data, now)
    answer = WebhookAdded(added.id, added.secret, write_cursor(FeedPlace(*added.place)))
    return Response(answer, headers={"Cache-Control": "no-store"})


@get("/webhooks", operation_id="listWebhooks", summary="Webhooks within reach", tags=_TAG, responses=problems(401, 403))
async def list_webhooks(actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> WebhookPage:
    """List the webhooks of the caller's departments with how they stand; never their secrets."""
    after = read_cursor(cursor, KeyPlace).id if cursor is not None else subscribing.FIRST
    rows = await subscribing.list_webhooks(actor, after=after, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return WebhookPage(shapes(WebhookRow, rows), more)


@delete(_ONE, operation_id="endWebhook", summary="End a webhook", tags=_TAG, responses=problems(401, 403, 404))
async def end_webhook(actor: Caller, now: Now, webhook: FromPath[UUID]) -> None:
    """Send nothing there any more, and forget the secret."""
    await subscribing.unsubscribe(actor, webhook, now)


@post(f"{_ONE}/resume", operation_id="resumeWebhook", summary="Serve it again", tags=_TAG, status_code=204,
      responses=problems(401, 403, 404))  # fmt: skip
async def resume_webhook(context: Engine, actor: Caller, now: Now, webhook: FromPath[UUID]) -> None:
    """Serve a webhook again at once, after it was disabled or while it is left alone for its failures."""
    await subscribing.resume(context, actor, webhook, now)


@get(f"{_ONE}/deliveries", operation_id="listDeliveries", summary="What was delivered", tags=_TAG,
     responses=problems(401, 403, 404))  # fmt: skip
async def list_deliveries(
    *,
    actor: Caller,
    webhook: FromPath[UUID],
    only: Annotated[
        Literal["waiting", "delivered", "dead"] | None,
        QueryParameter(name="state", description="Only deliveries in this state."),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DeliveryPage:
    """List the deliveries of a webhook, the oldest first; ``state=dead`` are those that failed for good."""
    after = read_cursor(cursor, KeyPlace).id if cursor is not None else subscribing.FIRST
    rows = await subscribing.list_deliveries(actor, webhook, state=only, after=after, limit=limit)
    more = write_cursor(KeyPlace(rows[-1]["id"])) if len(rows) == limit else None
    return DeliveryPage(shapes(DeliveryRow, rows), more)


@post(f"{_ONE}/deliveries/{{delivery:uuid}}/retry", operation_id="retryDelivery", summary="Try a dead one again",
      tags=_TAG, status_code=204, responses=problems(401, 403, 404))  # fmt: skip
async def retry_delivery(
    context: Engine, actor: Caller, now: Now, webhook: FromPath[UUID], delivery: FromPath[UUID]
) -> None:
    """Try a delivery that failed for good again, from the start."""
    await subscribing.retry_delivery(context, actor, webhook, delivery, now)


@post(f"{_ONE}/replay", operation_id="replayWebhook", summary="Deliver again from a cursor", tags=_TAG,
      status_code=200, dto=Strict[Replaying], return_dto=None,
      responses=problems(401, 403, 404, 413, 415))  # fmt: skip
async def replay_webhook(
    context: Engine, actor: Caller, now: Now, webhook: FromPath[UUID], data: JSONBody[Replaying]
) -> Replayed:
    """Deliver again what happened after a place of the feed, at most 500 events at a time."""
    events, end, more = await subscribing.replay(context, actor, webhook, _place(data.cursor), now)
    return Replayed(events, write_cursor(FeedPlace(*end)), more)
