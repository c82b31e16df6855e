"""Published versions of items and of flows. A published version never changes; cases pin theirs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Boolean, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, reading, uuid7
from storage.organisations import Organisation


class PublishedFlow(Table, db=DB, tablename="flow_versions"):
    """One published version of a procedure, as the text it was published from."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    name = Varchar(length=40)
    version = Integer()
    source = Text()
    digest = Varchar(length=64)
    published_at = Timestamptz()


class PublishedItem(Table, db=DB, tablename="item_versions"):
    """One published version of a service item with its material list, as data; in force between two dates."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    code = Varchar(length=50, index=True)
    version = Integer()
    name = Varchar(length=200)
    department_id = ForeignKey(Organisation, null=False)
    flow = Varchar(length=40)
    data = JSONB()
    digest = Varchar(length=64)
    in_force_from = Date()
    in_force_to = Date(null=True, default=None)
    suspended = Boolean(default=False)
    published_at = Timestamptz()


async def publish_flow(name: str, version: int, source: str, digest: str, now: datetime) -> bool:
    """Keep a flow version; False when this very version is there already with the same text.

    :raises ValueError: when the version is there with another text: what is published does not change.
    """
    async with reading() as connection:
        row = await connection.fetchrow(
            "INSERT INTO flow_versions (id, name, version, source, digest, published_at)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name, version) DO NOTHING RETURNING id",
            uuid7(), name, version, source, digest, now,
        )  # fmt: skip
        known = row or await connection.fetchval(
            "SELECT 1 FROM flow_versions WHERE name = $1 AND version = $2 AND digest = $3", name, version, digest
        )
    if not known:
        raise ValueError(f"{name} {version}")
    return row is not None


async def flow_sources() -> list[dict[str, Any]]:
    """Every published flow version, oldest first."""
    rows: list[dict[str, Any]] = await PublishedFlow.select().order_by(PublishedFlow.name, PublishedFlow.version)
    return rows


async def publish_item(row: dict[str, Any]) -> bool:
    """Keep an item version; False when this very version is there already with the same content.

    :raises ValueError: when the version is there with other content: what is published does not change.
    """
    async with reading() as connection:
        done = await connection.fetchrow(
            "INSERT INTO item_versions (id, code, version, name, department_id, flow, data, digest, in_force_from,"
            " in_force_to, suspended, published_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,false,$11)"
            " ON CONFLICT (code, version) DO NOTHING RETURNING id",
            uuid7(), row["code"], row["version"], row["name"], row["department_id"], row["flow"], row["data"],
            row["digest"], row["in_force_from"], row["in_force_to"], row["published_at"],
        )  # fmt: skip
        known = done or await connection.fetchval(
            "SELECT 1 FROM item_versions WHERE code = $1 AND version = $2 AND digest = $3",
            row["code"], row["version"], row["digest"],
        )  # fmt: skip
    if not known:
        raise ValueError(f"{row['code']} {row['version']}")
    return done is not None


_NEWEST = """
SELECT i.*, o.code AS department FROM item_versions i JOIN organisations o ON o.id = i.department_id
WHERE i.code = $1
ORDER BY (i.in_force_from <= $2 AND (i.in_force_to IS NULL OR i.in_force_to >= $2)) DESC, i.version DESC
LIMIT 1
"""


async def item_on(code: str, day: date) -> dict[str, Any] | None:
    """The version of an item in force on a day (hall time), else its newest version, else nothing."""
    async with reading() as connection:
        row = await connection.fetchrow(_NEWEST, code, day)
    return dict(row) if row else None


async def item_by_id(key: UUID) -> dict[str, Any] | None:
    """One item version."""
    row: dict[str, Any] | None = await PublishedItem.select().where(PublishedItem.id == key).first()
    return row


_LIST = """
SELECT DISTINCT ON (i.code) i.code, i.version, i.name, i.flow, i.data, o.code AS department,
  o.name AS department_name, o.name_en AS department_name_en
FROM item_versions i JOIN organisations o ON o.id = i.department_id
WHERE i.code > $1 AND i.in_force_from <= $2 AND (i.in_force_to IS NULL OR i.in_force_to >= $2) AND NOT i.suspended
  AND ($3 = '' OR strpos(i.name, $3) > 0)
ORDER BY i.code, i.version DESC LIMIT $4
"""


async def items_in_force(day: date, *, after: str, text: str, limit: int) -> list[dict[str, Any]]:
    """A page of items in force on a day, by code, whose name holds ``text``."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_LIST, after, day, text, limit)]
