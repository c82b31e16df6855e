"""Published versions of items and of flows. A published version never changes; cases pin theirs.

From its first day a higher version applies and no lower one does: the days of an item's lower versions are closed the
day before, those of a flow follow from the next version's first day.
"""

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
    """One published version of a procedure, as the text it was published from.

    ``in_force_from``: the first day (hall time) on which cases are opened under it; None: since it was published.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    name = Varchar(length=40)
    version = Integer()
    source = Text()
    digest = Varchar(length=64)
    published_at = Timestamptz()
    in_force_from = Date(null=True, default=None)


class PublishedItem(Table, db=DB, tablename="item_versions"):
    """One published version of a service item with its material list, as data; in force between two dates.

    ``in_force_to`` on the day before ``in_force_from``: a higher version took its place before it began.
    ``suspended`` and ``cancelled_after`` (the last day, hall time) are of the item, so the same in all its versions.
    """

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
    cancelled_after = Date(null=True, default=None)


async def hold(name: str) -> None:
    """Let nobody else propose or publish under this item's code or flow's name until the transaction ends."""
    async with reading() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('catalogue:' || $1, 0))", name)


async def publish_flow(
    name: str, version: int, source: str, digest: str, now: datetime, in_force_from: date | None = None
) -> bool:
    """Keep a flow version; False when this very version is there already with the same text.

    :param now: UTC. :param in_force_from: the first day (hall time) of cases under it; None: at once.
    :raises ValueError: when the version is there with another text: what is published does not change.
    """
    async with reading() as connection:
        row = await connection.fetchrow(
            "INSERT INTO flow_versions (id, name, version, source, digest, published_at, in_force_from)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name, version) DO NOTHING RETURNING id",
            uuid7(), name, version, source, digest, now, in_force_from,
        )  # fmt: skip
        known = row or await connection.fetchval(
            "SELECT 1 FROM flow_versions WHERE name = $1 AND version = $2 AND digest = $3", name, version, digest
        )
    if not known:
        raise ValueError(f"{name} {version}")
    return row is not None


async def flow_heads() -> list[dict[str, Any]]:
    """``name``, ``version`` and ``in_force_from`` of every published flow version, oldest first."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT name, version, in_force_from FROM flow_versions ORDER BY name, version")
    return [dict(row) for row in rows]


async def flow_source(name: str, version: int) -> str | None:
    """The text of a published flow version."""
    async with reading() as connection:
        source: str | None = await connection.fetchval(
            "SELECT source FROM flow_versions WHERE name = $1 AND version = $2", name, version
        )
    return source


async def add_item(row: dict[str, Any]) -> None:
    """Keep an item version that is higher than every other, and close the days of the lower ones before its first.

    Needs a transaction that holds the code. A suspended item stays suspended in its new version.
    """
    async with reading() as connection:
        await connection.execute(
            "UPDATE item_versions SET in_force_to = greatest(in_force_from, $2::date) - 1"
            " WHERE code = $1 AND (in_force_to IS NULL OR in_force_to >= $2)",
            row["code"], row["in_force_from"],
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO item_versions (id, code, version, name, department_id, flow, data, digest, in_force_from,"
            " in_force_to, suspended, published_at) VALUES ($1,$2::varchar,$3,$4,$5,$6,$7,$8,$9,$10,"
            " EXISTS (SELECT FROM item_versions WHERE code = $2::varchar AND suspended),$11)",
            uuid7(), row["code"], row["version"], row["name"], row["department_id"], row["flow"], row["data"],
            row["digest"], row["in_force_from"], row["in_force_to"], row["published_at"],
        )  # fmt: skip


_COLUMNS = """
  i.id, i.code, i.version, i.name, i.department_id, i.flow, i.digest, i.in_force_from,
  least(i.in_force_to, i.cancelled_after) AS in_force_to, i.suspended, i.cancelled_after, i.published_at,
  o.code AS department, o.path AS department_path
"""
"""An item version with its last day: its own, or the item's where it was cancelled."""

_NEWEST = f"""
SELECT i.data, {_COLUMNS} FROM item_versions i JOIN organisations o ON o.id = i.department_id
WHERE i.code = $1
ORDER BY (i.in_force_from <= $2 AND (i.in_force_to IS NULL OR i.in_force_to >= $2)) DESC, i.version DESC
LIMIT 1
"""  # noqa: S608  # a constant of this module


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
  AND (i.cancelled_after IS NULL OR i.cancelled_after >= $2)
  AND ($3 = '' OR strpos(i.name, $3) > 0)
ORDER BY i.code, i.version DESC LIMIT $4
"""


_IN_FORCE = """
SELECT DISTINCT ON (i.code) i.id FROM item_versions i
WHERE i.in_force_from <= $1 AND (i.in_force_to IS NULL OR i.in_force_to >= $1) AND NOT i.suspended
  AND (i.cancelled_after IS NULL OR i.cancelled_after >= $1)
ORDER BY i.code, i.version DESC
"""


async def keys_in_force(day: date) -> list[UUID]:
    """The key of every item version in force on a day, by code; without its data, which is large."""
    async with reading() as connection:
        return [row["id"] for row in await connection.fetch(_IN_FORCE, day)]


async def names_of(keys: list[UUID]) -> list[dict[str, Any]]:
    """``id``, ``code`` and both names of item versions."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT id, code, name, data->>'name_en' AS name_en FROM item_versions WHERE id = ANY($1)", keys
        )
    return [dict(row) for row in rows]


async def listed(keys: list[UUID]) -> list[dict[str, Any]]:
    """Item versions as a list shows them, in the order of the keys."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT i.code, i.version, i.name, i.flow, i.data, o.code AS department, o.name AS department_name,"
            " o.name_en AS department_name_en FROM item_versions i JOIN organisations o ON o.id = i.department_id"
            " WHERE i.id = ANY($1) ORDER BY array_position($1, i.id)",
            keys,
        )
    return [dict(row) for row in rows]


async def items_in_force(day: date, *, after: str, text: str, limit: int) -> list[dict[str, Any]]:
    """A page of items in force on a day, by code, whose name holds ``text``."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_LIST, after, day, text, limit)]
