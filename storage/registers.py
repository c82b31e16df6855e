"""Small registers that keep order: gap-free counters and the answers given under an idempotency key."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, BigInt, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading


class Counter(Table, db=DB, tablename="counters"):
    """The last number given under a name; taken in the act's transaction, so that none is skipped or given twice."""

    name = Varchar(length=120, primary_key=True)
    last = BigInt(default=0)


class IdempotencyKey(Table, db=DB, tablename="idempotency_keys"):
    """The answer to a command, kept under the actor's own key."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    actor = UUIDColumn()
    key = Varchar(length=120)
    payload_digest = Varchar(length=64)
    answer = JSONB()
    created_at = Timestamptz(index=True)


async def next_numbers(connection: Connection, names: list[str]) -> dict[str, int]:
    """The next number under each name. Names are taken in order, so that acts never wait for each other in a ring."""
    numbers: dict[str, int] = {}
    for name in sorted(names):
        numbers[name] = await connection.fetchval(
            "INSERT INTO counters (name, last) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET last = counters.last + 1"
            " RETURNING last",
            name,
        )
    return numbers


async def answer(connection: Connection, actor: UUID, key: str) -> dict[str, Any] | None:
    """What was answered under this key before."""
    row = await connection.fetchrow(
        "SELECT payload_digest, answer FROM idempotency_keys WHERE actor = $1 AND key = $2", actor, key
    )
    return dict(row) if row else None


async def remember(
    connection: Connection, actor: UUID, key: str, digest: str, body: dict[str, Any], now: datetime
) -> None:
    """Keep an answer. A concurrent twin of the request fails here on the unique key and is answered from the first."""
    await connection.execute(
        "INSERT INTO idempotency_keys (id, actor, key, payload_digest, answer, created_at)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5)",
        actor, key, digest, body, now,
    )  # fmt: skip


async def forget_before(moment: datetime) -> int:
    """Drop answers older than a moment; how many."""
    async with reading() as connection:
        status: str = await connection.execute("DELETE FROM idempotency_keys WHERE created_at < $1", moment)
    return int(status.rsplit(" ", 1)[1])
