"""案卷: dossiers of cases, from the order to the file that one person may take out for some days."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import BigInt, Boolean, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.people import Person


class Dossier(Table, db=DB, tablename="dossiers"):
    """One dossier; ``state``: waiting, ready, failed, dropped. It is bound for ``ordered_by`` and names them.

    ``working_copy``: the case was not over. ``seq``: the last event in it. Size in bytes, SHA-256 in hexadecimal.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    state = Varchar(length=10)
    reason = Text(default="")
    ordered_by = ForeignKey(Person, null=False)
    ordered_at = Timestamptz()
    pages_done = Integer(default=0)
    pages = Integer(default=0)
    failure = Text(default="")
    working_copy = Boolean(default=True)
    seq = Integer(default=0)
    digest = Varchar(length=64, default="")
    size = BigInt(default=0)
    object_key = Text(default="")
    ended_at = Timestamptz(null=True, default=None)


async def add(connection: Connection, row: dict[str, Any]) -> bool:
    """Keep an order; False while one of the same person for the same case waits."""
    added = await connection.fetchval(
        "INSERT INTO dossiers (id, case_id, state, reason, ordered_by, ordered_at, pages_done, pages, failure,"
        " working_copy, seq, digest, size, object_key) VALUES ($1, $2, 'waiting', $3, $4, $5, 0, 0, '', TRUE, 0, '',"
        " 0, $6) ON CONFLICT (case_id, ordered_by) WHERE state = 'waiting' DO NOTHING RETURNING id",
        row["id"], row["case_id"], row["reason"], row["ordered_by"], row["ordered_at"], row["object_key"],
    )  # fmt: skip
    return added is not None


_ROWS = """
SELECT d.*, c.number AS case_number, p.name AS ordered_by_name FROM dossiers d
JOIN cases c ON c.id = d.case_id JOIN people p ON p.id = d.ordered_by
"""


async def read(key: UUID) -> dict[str, Any] | None:
    """One dossier."""
    async with reading() as connection:
        row = await connection.fetchrow(_ROWS + "WHERE d.id = $1", key)
    return dict(row) if row else None


async def newest(number: str, person: UUID, *, ready: bool = False) -> dict[str, Any] | None:
    """The dossier of a case that a person ordered last. :param ready: only one that is bound and still there."""
    async with reading() as connection:
        row = await connection.fetchrow(
            _ROWS + "WHERE c.number = $1 AND d.ordered_by = $2 AND (NOT $3 OR d.state = 'ready')"
            " ORDER BY d.ordered_at DESC, d.id DESC LIMIT 1",
            number,
            person,
            ready,
        )
    return dict(row) if row else None


async def progress(key: UUID, done: int, pages: int) -> None:
    """Note how far a worker is."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE dossiers SET pages_done = $2, pages = $3 WHERE id = $1 AND state = 'waiting'", key, done, pages
        )


async def finish(key: UUID, row: dict[str, Any]) -> None:
    """Note that a dossier is bound. :param row: ``pages``, ``working_copy``, ``seq``, ``digest``, ``size``, ``at``."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE dossiers SET state = 'ready', pages_done = $2, pages = $2, working_copy = $3, seq = $4,"
            " digest = $5, size = $6, ended_at = $7 WHERE id = $1 AND state = 'waiting'",
            key, row["pages"], row["working_copy"], row["seq"], row["digest"], row["size"], row["at"],
        )  # fmt: skip


async def fail(key: UUID, failure: str, now: datetime) -> None:
    """Note why a dossier cannot be bound."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE dossiers SET state = 'failed', failure = $2, ended_at = $3 WHERE id = $1 AND state = 'waiting'",
            key,
            failure,
            now,
        )


async def over(before: datetime, limit: int) -> list[dict[str, Any]]:
    """Dossiers that ended before a moment (UTC) and whose file may still be there: ``id`` and ``object_key``."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT id, object_key FROM dossiers WHERE state IN ('ready', 'failed') AND ended_at < $1"
            " ORDER BY ended_at LIMIT $2",
            before,
            limit,
        )
    return [dict(row) for row in rows]


async def drop(key: UUID) -> None:
    """Note that the file of a dossier is gone."""
    async with reading() as connection:
        await connection.execute("UPDATE dossiers SET state = 'dropped' WHERE id = $1", key)
