"""The outbox: work that an act leaves to be done, written in the act's own transaction.

A row is ``waiting`` (until ``due_at``), ``sent`` to the broker, ``done``, or ``dead`` when it has failed for good. The
broker may lose everything: what was sent and is not done after a while is sent again, and workers do a row once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading

CHANNEL = "outbox"
"""What a relay listens on."""


class OutboxRow(Table, db=DB, tablename="outbox"):
    """One piece of work to be done after a commit."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    topic = Varchar(length=40)
    case_id = ForeignKey(Case, null=True)
    data = JSONB()
    state = Varchar(length=8)
    attempts = Integer(default=0)
    created_at = Timestamptz()
    due_at = Timestamptz()
    done_at = Timestamptz(null=True, default=None)
    error = Text(default="")


_CLAIM = """
UPDATE outbox SET state = 'sent', due_at = $1::timestamptz + $3::interval
WHERE id IN (
  SELECT id FROM outbox WHERE state IN ('waiting', 'sent') AND due_at <= $1 ORDER BY due_at LIMIT $2
  FOR UPDATE SKIP LOCKED
)
RETURNING id, topic
"""


async def claim(connection: Connection, now: datetime, limit: int, again_after: timedelta) -> list[tuple[UUID, str]]:
    """Take what is due, several relays at once without the same row twice; unfinished rows come due again later."""
    rows = await connection.fetch(_CLAIM, now, limit, again_after)
    return [(row["id"], row["topic"]) for row in rows]


async def next_due(connection: Connection) -> datetime | None:
    """When the next row comes due."""
    due: datetime | None = await connection.fetchval(
        "SELECT due_at FROM outbox WHERE state IN ('waiting', 'sent') ORDER BY due_at LIMIT 1"
    )
    return due


async def take(connection: Connection, key: UUID) -> dict[str, Any] | None:
    """A row that is to be done, held by this connection until :func:`release`; nothing when it is done, dead or held.

    The hold is an advisory lock of the session, so it ends with the worker, however that ends.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _lock_of(key)):
        return None
    row = await connection.fetchrow("SELECT * FROM outbox WHERE id = $1 AND state IN ('waiting', 'sent')", key)
    if row is None:
        await release(connection, key)
    return dict(row) if row else None


async def release(connection: Connection, key: UUID) -> None:
    """Let go of a row."""
    await connection.fetchval("SELECT pg_advisory_unlock($1)", _lock_of(key))


def _lock_of(key: UUID) -> int:
    return (key.int & ((1 << 64) - 1)) - (1 << 63)


async def finish(connection: Connection, key: UUID, now: datetime) -> None:
    """Mark a row as done."""
    await connection.execute("UPDATE outbox SET state = 'done', done_at = $2, error = '' WHERE id = $1", key, now)


async def postpone(connection: Connection, key: UUID, due_at: datetime) -> None:
    """Let a row wait until a moment (UTC) without counting an attempt."""
    await connection.execute(
        "UPDATE outbox SET state = 'waiting', due_at = $2 WHERE id = $1 AND state IN ('waiting', 'sent')", key, due_at
    )


async def fail(key: UUID, error: str, due_at: datetime | None) -> None:
    """Count a failed attempt; without a new moment the row is dead."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE outbox SET attempts = attempts + 1, error = $2, state = CASE WHEN $3::timestamptz IS NULL"
            " THEN 'dead' ELSE 'waiting' END, due_at = coalesce($3, due_at)"
            " WHERE id = $1 AND state IN ('waiting', 'sent')",
            key,
            error[:500],
            due_at,
        )


async def wake() -> None:
    """Tell the relays that there is work.

    Sent after the commit and on its own: PostgreSQL lets only one transaction with a notification commit at a time, and
    a lost wake-up costs nothing but the relay's next look at the table.
    """
    async with reading() as connection:
        await connection.execute(f"NOTIFY {CHANNEL}")


async def add(connection: Connection, topic: str, data: dict[str, Any], case: UUID | None, now: datetime) -> None:
    """Leave a piece of work; :func:`wake` the relay once the transaction has committed."""
    await connection.execute(
        "INSERT INTO outbox (id, topic, case_id, data, state, created_at, due_at)"
        " VALUES (uuidv7(), $1, $2, $3, 'waiting', $4, $4)",
        topic,
        case,
        data,
        now,
    )


_DEAD = """
SELECT o.id, o.topic, c.number AS case, o.attempts, o.error, o.created_at
FROM outbox o LEFT JOIN cases c ON c.id = o.case_id
WHERE o.state = 'dead' AND o.id > $1 ORDER BY o.id LIMIT $2
"""


async def dead(after: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the work that failed for good."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_DEAD, after, limit)]


async def retry(key: UUID, now: datetime) -> bool:
    """Let a dead row be tried again from the start; False when there is no such dead row."""
    async with reading() as connection:
        done = await connection.fetchval(
            "UPDATE outbox SET state = 'waiting', attempts = 0, due_at = $2 WHERE id = $1 AND state = 'dead'"
            " RETURNING id",
            key,
            now,
        )
    return done is not None


_PURGE = """
DELETE FROM outbox WHERE id IN (
  SELECT id FROM (SELECT id, done_at FROM outbox WHERE state = 'done' ORDER BY id LIMIT $2) AS oldest
  WHERE done_at < $1)
"""


async def purge(before: datetime, limit: int = 5000) -> int:
    """Drop the oldest rows that were done before a moment (UTC), at most so many; how many. Undone ones stay."""
    async with reading() as connection:
        status: str = await connection.execute(_PURGE, before, limit)
    return int(status.rsplit(" ", 1)[1])


async def depths() -> dict[str, int]:
    """How many rows are in each state that still matters."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT state, count(*) AS n FROM outbox WHERE state IN ('waiting', 'sent', 'dead') GROUP BY state"
        )
    return {row["state"]: row["n"] for row in rows}
