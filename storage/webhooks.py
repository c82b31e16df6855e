"""Where departments' systems want to be told (webhooks)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Boolean, Bytea, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class Webhook(Table, db=DB, tablename="webhooks"):
    """One address of a department's system. It is told of the cases of the organisation and everything below it.

    ``queued``: a row of the outbox waits to deliver what is due, so that no second one is needed. ``failures`` and
    ``dead_in_row`` count since the last success; until ``held_until`` nothing is sent after a failure.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    organisation_id = ForeignKey(Organisation, null=False, index=True)
    name = Varchar(length=80)
    url = Varchar(length=500)
    secret_sealed = Bytea()
    created_by = ForeignKey(Person, null=True)
    created_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    disabled_at = Timestamptz(null=True, default=None)
    held_until = Timestamptz(null=True, default=None)
    queued = Boolean(default=False)
    failures = Integer(default=0)
    dead_in_row = Integer(default=0)


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new webhook."""
    await connection.execute(
        "INSERT INTO webhooks (id, organisation_id, name, url, secret_sealed, created_by, created_at, queued, failures,"
        " dead_in_row) VALUES ($1, $2, $3, $4, $5, $6, $7, false, 0, 0)",
        row["id"], row["organisation_id"], row["name"], row["url"], row["secret_sealed"], row["created_by"],
        row["created_at"],
    )  # fmt: skip


_READ = """
SELECT w.*, o.code AS organisation, o.path,
  (SELECT count(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'waiting') AS waiting,
  (SELECT count(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'dead') AS dead
FROM webhooks w JOIN organisations o ON o.id = w.organisation_id
"""


async def read(key: UUID) -> dict[str, Any] | None:
    """A webhook that has not ended, with its place and how much waits or is dead."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ + "WHERE w.id = $1 AND w.ended_at IS NULL", key)
    return dict(row) if row else None


async def of(organisations: list[UUID], after: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the webhooks of these organisations that have not ended, in the order of their making."""
    async with reading() as connection:
        rows = await connection.fetch(
            _READ + "WHERE w.organisation_id = ANY($1) AND w.ended_at IS NULL AND w.id > $2 ORDER BY w.id LIMIT $3",
            organisations,
            after,
            limit,
        )
    return [dict(row) for row in rows]


async def end(connection: Connection, key: UUID, now: datetime) -> None:
    """From this moment (UTC) nothing is sent there; its secret is forgotten."""
    await connection.execute("UPDATE webhooks SET ended_at = $2, secret_sealed = '' WHERE id = $1", key, now)


async def resume(connection: Connection, key: UUID) -> None:
    """Forget the failures of a webhook, so that it is served again at once."""
    await connection.execute(
        "UPDATE webhooks SET disabled_at = NULL, held_until = NULL, failures = 0, dead_in_row = 0 WHERE id = $1", key
    )


async def any_open(connection: Connection) -> bool:
    """Whether anybody is to be told of anything."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM webhooks WHERE ended_at IS NULL AND disabled_at IS NULL)"
    )
    return found


async def begin(connection: Connection, key: UUID) -> dict[str, Any] | None:
    """Begin a run: what is left from now on needs a new row of the outbox. None when the webhook is ended or disabled.

    Hold it by :func:`hold` first.
    """
    row = await connection.fetchrow(
        "UPDATE webhooks SET queued = false WHERE id = $1 AND ended_at IS NULL AND disabled_at IS NULL RETURNING *", key
    )
    return dict(row) if row else None


async def hold(connection: Connection, key: UUID) -> bool:
    """Let no other run serve this webhook until :func:`release`, or until this connection ends."""
    held: bool = await connection.fetchval("SELECT pg_try_advisory_lock($1)", _lock_of(key))
    return held


async def release(connection: Connection, key: UUID) -> None:
    """Let others serve this webhook."""
    await connection.fetchval("SELECT pg_advisory_unlock($1)", _lock_of(key))


def _lock_of(key: UUID) -> int:
    return ((key.int ^ 0x7765_6268_6F6F_6B73) & ((1 << 64) - 1)) - (1 << 63)


async def mark(
    connection: Connection,
    key: UUID,
    *,
    failures: int,
    dead_in_row: int,
    held_until: datetime | None,
    disabled_at: datetime | None,
) -> None:
    """Write how a webhook stands after some attempts (moments in UTC)."""
    await connection.execute(
        "UPDATE webhooks SET failures = $2, dead_in_row = $3, held_until = $4, disabled_at = $5 WHERE id = $1",
        key,
        failures,
        dead_in_row,
        held_until,
        disabled_at,
    )


async def expect(connection: Connection, key: UUID) -> bool:
    """Remember that a row of the outbox waits for this webhook; False when one did already."""
    done = await connection.fetchval("UPDATE webhooks SET queued = true WHERE id = $1 AND NOT queued RETURNING id", key)
    return done is not None
