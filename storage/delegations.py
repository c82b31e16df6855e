"""Who stands in for whom while somebody is absent (代理履职)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class Delegation(Table, db=DB, tablename="delegations"):
    """One role of one person in one organisation, held by a delegate from one moment to another (UTC)."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    person_id = ForeignKey(Person, null=False, index=True)
    delegate_id = ForeignKey(Person, null=False, index=True)
    role = Varchar(length=30)
    organisation_id = ForeignKey(Organisation, null=False)
    from_at = Timestamptz()
    until_at = Timestamptz()
    reason = Text()
    created_by = ForeignKey(Person, null=True)
    created_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)


async def lock_people(connection: Connection, people: list[UUID]) -> None:
    """Let no other delegation of or to these people come in between, until the transaction ends."""
    await connection.fetch("SELECT id FROM people WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", people)


async def during(connection: Connection, people: list[UUID], since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Every delegation of or to these people that holds at some moment of a period (UTC)."""
    rows = await connection.fetch(
        "SELECT * FROM delegations WHERE (person_id = ANY($1::uuid[]) OR delegate_id = ANY($1::uuid[]))"
        " AND ended_at IS NULL AND from_at < $3 AND until_at > $2",
        people,
        since,
        until,
    )
    return [dict(row) for row in rows]


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new delegation."""
    await connection.execute(
        "INSERT INTO delegations (id, person_id, delegate_id, role, organisation_id, from_at, until_at, reason,"
        " created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row["id"], row["person_id"], row["delegate_id"], row["role"], row["organisation_id"], row["from_at"],
        row["until_at"], row["reason"], row["created_by"], row["created_at"],
    )  # fmt: skip


_READ = """
SELECT d.*, p.login AS person, p.name AS person_name, q.login AS delegate, q.name AS delegate_name,
  o.code AS organisation, o.path
FROM delegations d JOIN people p ON p.id = d.person_id JOIN people q ON q.id = d.delegate_id
JOIN organisations o ON o.id = d.organisation_id
"""


_OPEN = f"""
{_READ} WHERE d.ended_at IS NULL AND d.until_at > $1 AND (d.person_id = $2 OR d.delegate_id = $2
  OR EXISTS (SELECT 1 FROM unnest($3::text[]) AS at(path)
    WHERE o.path = at.path OR starts_with(o.path, at.path || '/')))
  AND ($4::timestamptz IS NULL OR (d.from_at, d.id) > ($4, $5))
ORDER BY d.from_at, d.id LIMIT $6
"""  # noqa: S608  # a constant of this module


async def read(connection: Connection, key: UUID) -> dict[str, Any] | None:
    """One delegation with its people and its place, locked until the transaction ends."""
    row = await connection.fetchrow(_READ + "WHERE d.id = $1 FOR UPDATE OF d", key)
    return dict(row) if row else None


async def end(connection: Connection, key: UUID, now: datetime) -> None:
    """From this moment (UTC) a delegation holds no more."""
    await connection.execute("UPDATE delegations SET ended_at = $2 WHERE id = $1", key, now)


async def open_at(
    now: datetime, person: UUID, paths: list[str], after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """A page of the delegations that hold or are still to come, the earliest first.

    Those of or to somebody, and those for organisations at or below these paths.

    :param now: UTC. :param after: ``from_at`` and ``id`` of the last row of the page before.
    """
    from_at, key = after or (None, None)
    async with reading() as connection:
        rows = await connection.fetch(_OPEN, now, person, paths, from_at, key, limit)
    return [dict(row) for row in rows]


_COLLEAGUES: Final = """
SELECT p.id AS person, p.login, p.name, g.role, o.code AS organisation, o.name AS organisation_name,
  o.name_en AS organisation_name_en
FROM role_grants g JOIN people p ON p.id = g.person_id AND p.active JOIN organisations o ON o.id = g.organisation_id
WHERE EXISTS (SELECT FROM unnest($1::text[]) AS at(path) WHERE o.path = at.path OR starts_with(o.path, at.path || '/'))
ORDER BY p.id <> $2, o.path, p.login, g.role LIMIT $3
"""


async def colleagues(paths: list[str], person: UUID, limit: int) -> list[dict[str, Any]]:
    """Who holds which role at or below these places, somebody's own roles first; nobody's whom they stand in for."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_COLLEAGUES, paths, person, limit)]
