"""What has been or is to be delivered to each webhook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.audit import Event
from storage.db import DB, Connection, reading
from storage.feed import VERSION_AFTER
from storage.webhooks import Webhook


class WebhookDelivery(Table, db=DB, tablename="webhook_deliveries"):
    """One event for one webhook: ``waiting`` (until ``due_at``), ``delivered``, or ``dead`` after its last attempt."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    webhook_id = ForeignKey(Webhook, null=False)
    event_id = ForeignKey(Event, null=False)
    state = Varchar(length=10)
    attempts = Integer(default=0)
    due_at = Timestamptz()
    status = Integer(null=True, default=None)
    error = Text(default="")
    created_at = Timestamptz()
    delivered_at = Timestamptz(null=True, default=None)


class Outcome(NamedTuple):
    """What came of one attempt: the state that the delivery has now, the HTTP status if there was one, the reason."""

    id: UUID
    state: str
    due_at: datetime
    status: int | None
    error: str


_TELL = """
WITH told AS (
  INSERT INTO webhook_deliveries (id, webhook_id, event_id, state, attempts, due_at, error, created_at)
  SELECT uuidv7(), w.id, e.id, 'waiting', 0, $4, '', $4
  FROM cases c
  JOIN events e ON e.case_id = c.id AND e.seq = $2
  JOIN organisations d ON d.id = c.department_id
  JOIN organisations o ON o.path = d.path OR starts_with(d.path, o.path || '/')
  JOIN webhooks w ON w.organisation_id = o.id AND w.ended_at IS NULL AND w.disabled_at IS NULL
  WHERE c.number = $1 AND e.to_state <> 'NEW' AND (e.from_state <> e.to_state OR e.name = ANY($3))
  ON CONFLICT (webhook_id, event_id) DO NOTHING
  RETURNING webhook_id
)
UPDATE webhooks SET queued = true WHERE NOT queued AND id IN (SELECT webhook_id FROM told) RETURNING id
"""


async def tell(connection: Connection, case: str, seq: int, routing: Iterable[str], now: datetime) -> list[UUID]:
    """Leave one event of a case to be delivered to every webhook of its department; done again, it adds nothing.

    Told are changes of state and the events named in ``routing``, once the case has left the window's preparation.

    :returns: the webhooks for which a row of the outbox is needed now.
    """
    rows = await connection.fetch(_TELL, case, seq, list(routing), now)
    return [row["id"] for row in rows]


_DUE = f"""
SELECT d.id, d.attempts, e.id AS event_id, e.name, e.seq, e.at, e.from_state, e.to_state, c.number AS "case",
  {VERSION_AFTER} AS version
FROM webhook_deliveries d JOIN events e ON e.id = d.event_id JOIN cases c ON c.id = e.case_id
WHERE d.webhook_id = $1 AND d.state = 'waiting' AND d.due_at <= $2 ORDER BY d.due_at, d.id LIMIT $3
"""  # noqa: S608  # a constant of storage.feed


async def due(connection: Connection, key: UUID, now: datetime, limit: int) -> list[dict[str, Any]]:
    """What is to be delivered now, the oldest first, each with its event."""
    rows = await connection.fetch(_DUE, key, now, limit)
    return [dict(row) for row in rows]


async def next_due(connection: Connection, key: UUID) -> datetime | None:
    """When the next delivery of a webhook comes due."""
    moment: datetime | None = await connection.fetchval(
        "SELECT due_at FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'waiting' ORDER BY due_at, id LIMIT 1",
        key,
    )
    return moment


_RECORD = """
UPDATE webhook_deliveries d SET state = x.state, attempts = d.attempts + 1, due_at = x.due_at, status = x.status,
  error = x.error, delivered_at = CASE WHEN x.state = 'delivered' THEN $6::timestamptz END
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::int[], $5::text[]) AS x(id, state, due_at, status, error)
WHERE d.id = x.id
"""


async def record(connection: Connection, outcomes: list[Outcome], now: datetime) -> None:
    """Write what came of some attempts."""
    keys, states, due_at, statuses, errors = (list(column) for column in zip(*outcomes, strict=True))
    await connection.execute(_RECORD, keys, states, due_at, statuses, errors, now)


_PAGE = """
SELECT d.id, d.state, d.attempts, d.status, d.error, d.due_at, d.created_at, d.delivered_at, e.id AS event_id,
  e.name AS event, e.seq, c.number AS "case"
FROM webhook_deliveries d JOIN events e ON e.id = d.event_id JOIN cases c ON c.id = e.case_id
WHERE d.webhook_id = $1 AND ($2::text IS NULL OR d.state = $2) AND d.id > $3 ORDER BY d.id LIMIT $4
"""


async def page(webhook: UUID, state: str | None, after: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the deliveries of a webhook, the oldest first."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_PAGE, webhook, state, after, limit)]


async def retry(connection: Connection, webhook: UUID, key: UUID, now: datetime) -> bool:
    """Let a dead delivery be tried again from the start; False when there is no such dead delivery."""
    done = await connection.fetchval(
        "UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, due_at = $3, error = ''"
        " WHERE id = $2 AND webhook_id = $1 AND state = 'dead' RETURNING id",
        webhook,
        key,
        now,
    )
    return done is not None


_AGAIN = """
INSERT INTO webhook_deliveries (id, webhook_id, event_id, state, attempts, due_at, error, created_at)
SELECT uuidv7(), $1, e.id, 'waiting', 0, $3, '', $3 FROM unnest($2::uuid[]) WITH ORDINALITY AS e(id, place)
ORDER BY e.place
ON CONFLICT (webhook_id, event_id) DO UPDATE SET state = 'waiting', attempts = 0, due_at = excluded.due_at, error = ''
"""


async def again(connection: Connection, webhook: UUID, events: list[UUID], now: datetime) -> None:
    """Leave these events to be delivered, whether they were before or not."""
    await connection.execute(_AGAIN, webhook, events, now)


_PURGE = """
DELETE FROM webhook_deliveries WHERE id IN (
  SELECT id FROM (SELECT id, created_at FROM webhook_deliveries WHERE state <> 'waiting' ORDER BY id LIMIT $2) AS oldest
  WHERE created_at < $1)
"""


async def purge(before: datetime, limit: int = 5000) -> int:
    """Drop the oldest deliveries that were left before a moment (UTC) and are over, at most so many; how many.

    The events themselves stay, and are followed or replayed from a cursor as long as the trail is kept.
    """
    async with reading() as connection:
        status: str = await connection.execute(_PURGE, before, limit)
    return int(status.rsplit(" ", 1)[1])
