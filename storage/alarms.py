"""Alarms: invariants that were found broken, for a person to look into."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading


class Alarm(Table, db=DB, tablename="alarms"):
    """One broken invariant, once for each subject."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    code = Varchar(length=40)
    subject = Varchar(length=80)
    detail = JSONB()
    raised_at = Timestamptz()
    closed_at = Timestamptz(null=True, default=None)


async def sound(connection: Connection, code: str, subject: str, detail: dict[str, Any], now: datetime) -> None:
    """Raise an alarm, unless the same one is open."""
    await connection.execute(
        "INSERT INTO alarms (id, code, subject, detail, raised_at) VALUES (uuidv7(), $1, $2, $3, $4)"
        " ON CONFLICT (code, subject) WHERE closed_at IS NULL DO NOTHING",
        code,
        subject,
        detail,
        now,
    )


async def close(connection: Connection, code: str, subject: str, now: datetime) -> None:
    """Close an alarm whose cause is gone."""
    await connection.execute(
        "UPDATE alarms SET closed_at = $3 WHERE code = $1 AND subject = $2 AND closed_at IS NULL", code, subject, now
    )


async def standing(after: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the alarms that are open, in the order in which they were raised."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT id, code, subject, detail, raised_at FROM alarms WHERE closed_at IS NULL AND id > $1"
            " ORDER BY id LIMIT $2",
            after,
            limit,
        )
    return [dict(row) for row in rows]


async def counts() -> dict[str, int]:
    """How many alarms are open, by code."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT code, count(*) AS n FROM alarms WHERE closed_at IS NULL GROUP BY code ORDER BY code"
        )
    return {row["code"]: row["n"] for row in rows}
