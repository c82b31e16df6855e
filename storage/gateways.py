"""Gateways as all workers see them: whose turn is next, and which one is down until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from piccolo.columns import Integer, Timestamptz, Varchar
from piccolo.table import Table

from storage.db import DB, Connection, reading


class GatewayRow(Table, db=DB, tablename="gateways"):
    """One gateway: its next free turn, how many failures in a row and until when it is left alone. Times in UTC."""

    name = Varchar(length=10, primary_key=True)
    next_at = Timestamptz()
    failures = Integer(default=0)
    down_since = Timestamptz(null=True, default=None)
    down_until = Timestamptz(null=True, default=None)
    reason = Varchar(length=40, default="")


_TAKE = """
INSERT INTO gateways AS g (name, next_at) VALUES ($1, $2::timestamptz - $4::interval + $3::interval)
ON CONFLICT (name) DO UPDATE SET next_at =
  greatest(g.next_at, $2::timestamptz - $4::interval, coalesce(g.down_until, '-infinity'::timestamptz)) + $3::interval
RETURNING next_at - $3::interval
"""


async def take_slot(name: str, now: datetime, apart: timedelta, saved: timedelta) -> datetime:
    """The next free turn at a gateway (UTC), taken: a token bucket in its form as a schedule.

    Turns are ``apart`` from each other; those of the last ``saved`` that nobody took may be taken at once. While the
    gateway is down its turns begin at the end of the pause.
    """
    async with reading() as connection:
        slot: datetime = await connection.fetchval(_TAKE, name, now, apart, saved)
    return slot


async def down_until(name: str, now: datetime) -> datetime | None:
    """The end of a gateway's pause (UTC); None when it may be tried."""
    async with reading() as connection:
        until: datetime | None = await connection.fetchval(
            "SELECT down_until FROM gateways WHERE name = $1 AND down_until > $2", name, now
        )
    return until


async def count_failure(connection: Connection, name: str, reason: str, now: datetime) -> int:
    """Count a failure of a gateway; how many there were in a row."""
    count: int = await connection.fetchval(
        "INSERT INTO gateways AS g (name, next_at, failures, reason, down_since) VALUES ($1, $3, 1, $2, $3)"
        " ON CONFLICT (name) DO UPDATE SET failures = g.failures + 1, reason = excluded.reason,"
        " down_since = coalesce(g.down_since, excluded.down_since) RETURNING failures",
        name, reason, now,
    )  # fmt: skip
    return count


async def pause(connection: Connection, name: str, until: datetime) -> None:
    """Leave a gateway alone until then; a longer pause stands."""
    await connection.execute("UPDATE gateways SET down_until = greatest(down_until, $2) WHERE name = $1", name, until)


async def mark_up(connection: Connection, name: str) -> bool:
    """A gateway that was down has answered; False when it was not down."""
    return bool(
        await connection.fetchval(
            "UPDATE gateways SET failures = 0, down_since = NULL, down_until = NULL, reason = ''"
            " WHERE name = $1 AND failures > 0 RETURNING true",
            name,
        )
    )


async def every() -> dict[str, dict[str, Any]]:
    """Every gateway that was ever used, by name: failures in a row, since when, why, until when it is left alone."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT name, failures, down_since, down_until, reason FROM gateways")
    return {row["name"]: dict(row) for row in rows}


async def queues() -> dict[str, int]:
    """How many messages wait for each gateway; of those that have not been looked at yet the way is the name."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT coalesce(nullif(gateway, ''), way) AS name, count(*) AS n FROM notifications"
            " WHERE state = 'waiting' AND way IN ('sms', 'voice', 'call') GROUP BY 1"
        )
    return {row["name"]: row["n"] for row in rows}
