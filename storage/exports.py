"""导出: orders of exports, from the wish to the file that its person may take for some days."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Array, BigInt, Boolean, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.people import Person


class Export(Table, db=DB, tablename="exports"):
    """One order; ``state``: waiting, ready, failed, dropped. ``halls`` and ``departments``: the reach it was given.

    ``wish`` is what was asked for, ``wish_digest`` tells it from others. ``cases_done`` of ``cases``, ``rows`` written,
    size in bytes, SHA-256 in hexadecimal. ``as_of``: the moment (UTC) that the file tells of.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    format = Varchar(length=20)
    wish = JSONB()
    wish_digest = Varchar(length=64)
    clear = Boolean(default=False)
    reason = Text(default="")
    halls = Array(base_column=UUIDColumn(), default=list)
    departments = Array(base_column=UUIDColumn(), default=list)
    state = Varchar(length=10)
    ordered_by = ForeignKey(Person, null=False)
    ordered_at = Timestamptz()
    cases_done = Integer(default=0)
    cases = Integer(default=0)
    rows = BigInt(default=0)
    failure = Text(default="")
    as_of = Timestamptz(null=True, default=None)
    digest = Varchar(length=64, default="")
    size = BigInt(default=0)
    object_key = Text(default="")
    ended_at = Timestamptz(null=True, default=None)


_ROWS = """
SELECT x.*, p.name AS ordered_by_name FROM exports x JOIN people p ON p.id = x.ordered_by
"""


async def add(connection: Connection, row: dict[str, Any]) -> bool:
    """Keep an order; False while the same wish of the same person waits."""
    added = await connection.fetchval(
        "INSERT INTO exports (id, format, wish, wish_digest, clear, reason, halls, departments, state, ordered_by,"
        " ordered_at, cases_done, cases, rows, failure, digest, size, object_key)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10, 0, 0, 0, '', '', 0, '')"
        " ON CONFLICT (ordered_by, wish_digest) WHERE state = 'waiting' DO NOTHING RETURNING id",
        row["id"], row["format"], row["wish"], row["wish_digest"], row["clear"], row["reason"], row["halls"],
        row["departments"], row["ordered_by"], row["ordered_at"],
    )  # fmt: skip
    return added is not None


async def same_waiting(connection: Connection, person: UUID, digest: str) -> UUID | None:
    """The order of the same wish by the same person that waits."""
    key: UUID | None = await connection.fetchval(
        "SELECT id FROM exports WHERE ordered_by = $1 AND wish_digest = $2 AND state = 'waiting'", person, digest
    )
    return key


async def waiting(connection: Connection, person: UUID) -> int:
    """How many orders of a person wait."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM exports WHERE ordered_by = $1 AND state = 'waiting'", person
    )
    return count


async def read(key: UUID) -> dict[str, Any] | None:
    """One order."""
    async with reading() as connection:
        row = await connection.fetchrow(_ROWS + "WHERE x.id = $1", key)
    return dict(row) if row else None


async def of_person(person: UUID, before: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the orders of a person, the newest first. :param before: the key of the order to go on behind."""
    async with reading() as connection:
        rows = await connection.fetch(
            _ROWS + "WHERE x.ordered_by = $1 AND x.id < $2 ORDER BY x.id DESC LIMIT $3", person, before, limit
        )
    return [dict(row) for row in rows]


async def progress(key: UUID, done: int, cases: int) -> None:
    """Note how far a worker is."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE exports SET cases_done = $2, cases = $3 WHERE id = $1 AND state = 'waiting'", key, done, cases
        )


async def finish(key: UUID, row: dict[str, Any]) -> None:
    """Note where the file is; where another worker was quicker, its file stays the one.

    :param row: ``cases``, ``rows``, ``as_of``, ``digest``, ``size``, ``object_key``, ``at``.
    """
    async with reading() as connection:
        await connection.execute(
            "UPDATE exports SET state = 'ready', cases_done = $2, cases = $2, rows = $3, as_of = $4, digest = $5,"
            " size = $6, object_key = $7, ended_at = $8 WHERE id = $1 AND state = 'waiting'",
            key, row["cases"], row["rows"], row["as_of"], row["digest"], row["size"], row["object_key"], row["at"],
        )  # fmt: skip


async def fail(key: UUID, failure: str, now: datetime) -> None:
    """Note why a file cannot be made."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE exports SET state = 'failed', failure = $2, ended_at = $3 WHERE id = $1 AND state = 'waiting'",
            key,
            failure,
            now,
        )


async def over(before: datetime, limit: int) -> list[UUID]:
    """Orders that ended before a moment (UTC) and of which there may still be files."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT id FROM exports WHERE state IN ('ready', 'failed') AND ended_at < $1 ORDER BY ended_at LIMIT $2",
            before,
            limit,
        )
    return [row["id"] for row in rows]


async def drop(key: UUID) -> None:
    """Note that the file of an order is gone."""
    async with reading() as connection:
        await connection.execute("UPDATE exports SET state = 'dropped' WHERE id = $1", key)
