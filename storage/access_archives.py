"""Days of the access log that were taken out of the database: their heads stay, so that the chain still verifies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from piccolo.columns import Date, Integer, Timestamptz, Varchar
from piccolo.table import Table

from storage.db import DB, Connection


class AccessArchive(Table, db=DB, tablename="access_archives"):
    """One day: how many entries it had, the head of its chain, and the SHA-256 digest of the file that holds them."""

    day = Date(primary_key=True)
    entries = Integer()
    digest = Varchar(length=64)
    file_digest = Varchar(length=64)
    archived_at = Timestamptz()


async def days_before(connection: Connection, before: date) -> list[dict[str, Any]]:
    """The days before this one whose entries are still there, with the heads of their chains, oldest first."""
    rows = await connection.fetch(
        "SELECT h.day, h.seq, h.digest FROM access_heads h WHERE h.day < $1"
        " AND EXISTS (SELECT FROM access_log l WHERE l.day = h.day) ORDER BY h.day",
        before,
    )
    return [dict(row) for row in rows]


async def entries_of(connection: Connection, day: date) -> list[dict[str, Any]]:
    """Every entry of a day, in the order of its chain."""
    rows = await connection.fetch(
        "SELECT day, seq, at, actor, subject, action, body, previous, digest FROM access_log WHERE day = $1"
        " ORDER BY seq",
        day,
    )
    return [dict(row) for row in rows]


async def drop_day(connection: Connection, row: Mapping[str, Any]) -> int:
    """Keep what a day held and take its entries out; how many. Only the schema's owner may.

    :param row: every column of the archive. The database refuses a day that is not archived, or too young.
    """
    await connection.execute(
        "INSERT INTO access_archives (day, entries, digest, file_digest, archived_at) VALUES ($1, $2, $3, $4, $5)",
        row["day"], row["entries"], row["digest"], row["file_digest"], row["archived_at"],
    )  # fmt: skip
    status: str = await connection.execute("DELETE FROM access_log WHERE day = $1", row["day"])
    return int(status.rsplit(" ", 1)[1])
