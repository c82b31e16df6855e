"""归档信息包: packages of cases for the archive, from the order to the file that is locked away."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, BigInt, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.people import Person


class ArchivePackage(Table, db=DB, tablename="archive_packages"):
    """One package; ``state``: waiting, ready, failed. ``seq``: the last event in it. Size in bytes, digest in hex."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    state = Varchar(length=10)
    missing = JSONB()
    reason = Text(default="")
    ordered_by = ForeignKey(Person, null=False)
    ordered_at = Timestamptz()
    files_done = Integer(default=0)
    files = Integer(default=0)
    failure = Text(default="")
    seq = Integer(default=0)
    head = Varchar(length=64, default="")
    algorithm = Varchar(length=10, default="")
    digest = Varchar(length=64, default="")
    size = BigInt(default=0)
    object_key = Text(default="")
    object_version = Text(default="")
    retain_until = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep an order."""
    await connection.execute(
        "INSERT INTO archive_packages (id, case_id, state, missing, reason, ordered_by, ordered_at, files_done, files,"
        " failure, seq, head, algorithm, digest, size, object_key, object_version)"
        " VALUES ($1, $2, 'waiting', $3, $4, $5, $6, 0, 0, '', 0, '', '', '', 0, '', '')",
        row["id"], row["case_id"], row["missing"], row["reason"], row["ordered_by"], row["ordered_at"],
    )  # fmt: skip


async def waiting(connection: Connection, case: UUID) -> UUID | None:
    """The order of a case that a worker has not carried out yet."""
    key: UUID | None = await connection.fetchval(
        "SELECT id FROM archive_packages WHERE case_id = $1 AND state = 'waiting'", case
    )
    return key


_ROWS = """
SELECT a.*, c.number AS case_number, p.name AS ordered_by_name FROM archive_packages a
JOIN cases c ON c.id = a.case_id JOIN people p ON p.id = a.ordered_by
"""


async def read(key: UUID) -> dict[str, Any] | None:
    """One package."""
    async with reading() as connection:
        row = await connection.fetchrow(_ROWS + "WHERE a.id = $1", key)
    return dict(row) if row else None


async def newest(number: str, *, ready: bool = False) -> dict[str, Any] | None:
    """The package of a case that was ordered last. :param ready: only one that is made."""
    async with reading() as connection:
        row = await connection.fetchrow(
            _ROWS
            + "WHERE c.number = $1 AND (NOT $2 OR a.state = 'ready') ORDER BY a.ordered_at DESC, a.id DESC LIMIT 1",
            number,
            ready,
        )
    return dict(row) if row else None


async def progress(key: UUID, done: int, files: int) -> None:
    """Note how far a worker is."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE archive_packages SET files_done = $2, files = $3 WHERE id = $1 AND state = 'waiting'",
            key,
            done,
            files,
        )


async def finish(connection: Connection, key: UUID, row: dict[str, Any]) -> bool:
    """Note the file of a package; False when it has one already."""
    done = await connection.fetchval(
        "UPDATE archive_packages SET state = 'ready', files_done = $2, files = $2, seq = $3, head = $4, algorithm = $5,"
        " digest = $6, size = $7, object_key = $8, object_version = $9, retain_until = $10, ended_at = $11"
        " WHERE id = $1 AND state = 'waiting' RETURNING id",
        key, row["files"], row["seq"], row["head"], row["algorithm"], row["digest"], row["size"], row["object_key"],
        row["object_version"], row["retain_until"], row["ended_at"],
    )  # fmt: skip
    return done is not None


async def fail(key: UUID, failure: str, now: datetime) -> None:
    """Note why a package cannot be made."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE archive_packages SET state = 'failed', failure = $2, ended_at = $3"
            " WHERE id = $1 AND state = 'waiting'",
            key,
            failure,
            now,
        )
