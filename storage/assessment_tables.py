"""Published versions of the table that contractors are scored by. What is published never changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading


class PublishedTable(Table, db=DB, tablename="assessment_tables"):
    """One version of a table (月度考核表), as the text it was published from, with its SHA-256 (hexadecimal)."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    name = Varchar(length=40)
    version = Integer()
    source = Text()
    digest = Varchar(length=64)
    published_at = Timestamptz()


async def publish(connection: Connection, name: str, version: int, source: str, digest: str, now: datetime) -> bool:
    """Keep a version; False when that version is there already. :param now: UTC."""
    key = await connection.fetchval(
        "INSERT INTO assessment_tables (id, name, version, source, digest, published_at)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5) ON CONFLICT (name, version) DO NOTHING RETURNING id",
        name, version, source, digest, now,
    )  # fmt: skip
    return key is not None


async def read(key: UUID) -> dict[str, Any] | None:
    """One version by its key."""
    async with reading() as connection:
        row = await connection.fetchrow("SELECT * FROM assessment_tables WHERE id = $1", key)
    return dict(row) if row else None


async def of_version(connection: Connection, name: str, version: int) -> dict[str, Any] | None:
    """One version by name and number."""
    row = await connection.fetchrow("SELECT * FROM assessment_tables WHERE name = $1 AND version = $2", name, version)
    return dict(row) if row else None


async def newest(connection: Connection, name: str) -> dict[str, Any] | None:
    """The highest version of a table; None where none was published."""
    row = await connection.fetchrow(
        "SELECT * FROM assessment_tables WHERE name = $1 ORDER BY version DESC LIMIT 1", name
    )
    return dict(row) if row else None
