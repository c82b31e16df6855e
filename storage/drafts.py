"""What stewards propose: versions to publish, items to suspend, resume or cancel; and what another made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, reading
from storage.organisations import Organisation
from storage.people import Person


class Draft(Table, db=DB, tablename="drafts"):
    """One proposal. Its text never changes; what changes is ``state``, once, with who settled it and why.

    ``subject`` is the code of an item or the name of a flow; ``version`` and ``text`` only of one to publish.
    ``proposed_for`` and ``settled_for``: whom the person stood in for (代理履职).
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    kind = Varchar(length=12)
    subject = Varchar(length=50)
    version = Integer(null=True, default=None)
    title = Varchar(length=200)
    title_en = Varchar(length=200)
    text = Text(default="")
    digest = Varchar(length=64, default="")
    in_force_from = Date(null=True, default=None)
    last_day = Date(null=True, default=None)
    reason = Text(default="")
    organisation_id = ForeignKey(Organisation, null=True)
    state = Varchar(length=10, default="proposed")
    proposed_by = ForeignKey(Person, null=False)
    proposed_for = UUIDColumn(null=True, default=None)
    proposed_at = Timestamptz()
    settled_by = ForeignKey(Person, null=True)
    settled_for = UUIDColumn(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)
    settlement = Text(default="")


_ROW: Final = """
  d.id, d.kind, d.subject, d.version, d.title, d.title_en, d.digest, d.in_force_from, d.last_day, d.reason, d.state,
  d.proposed_by, d.proposed_for, d.proposed_at, d.settled_by, d.settled_for, d.settled_at, d.settlement,
  p.name AS proposed_by_name, q.name AS settled_by_name, o.path
FROM drafts d JOIN people p ON p.id = d.proposed_by LEFT JOIN people q ON q.id = d.settled_by
LEFT JOIN organisations o ON o.id = d.organisation_id
"""


async def add(row: dict[str, Any]) -> None:
    """Keep a new proposal."""
    await Draft.insert(Draft(**row))


async def read(key: UUID) -> dict[str, Any] | None:
    """One draft with its text, its people by name, and where its department stands (``path``)."""
    async with reading() as connection:
        row = await connection.fetchrow(f"SELECT d.text, {_ROW} WHERE d.id = $1", key)
    return dict(row) if row else None


async def open_on(subject: str) -> dict[str, Any] | None:
    """The draft on an item or flow that waits for a second person."""
    async with reading() as connection:
        row = await connection.fetchrow(f"SELECT {_ROW} WHERE d.subject = $1 AND d.state = 'proposed'", subject)
    return dict(row) if row else None


async def published(kind: str, subject: str, version: int) -> dict[str, Any] | None:
    """The draft that a version was published from."""
    async with reading() as connection:
        row = await connection.fetchrow(
            f"SELECT {_ROW} WHERE d.kind = $1 AND d.subject = $2 AND d.version = $3 AND d.state = 'published'",
            kind, subject, version,
        )  # fmt: skip
    return dict(row) if row else None


_LIST: Final = f"""
SELECT {_ROW} WHERE ($1::uuid IS NULL OR d.id < $1) AND ($2::text IS NULL OR d.state = $2)
  AND (o.path IS NULL OR EXISTS (SELECT FROM unnest($3::text[]) AS at(path)
    WHERE o.path = at.path OR starts_with(o.path, at.path || '/')))
ORDER BY d.id DESC LIMIT $4
"""  # noqa: S608  # a constant of this module


async def listed(paths: list[str], *, state: str | None, after: UUID | None, limit: int) -> list[dict[str, Any]]:
    """A page of the drafts on flows, and on items of departments at or below these paths; the newest first.

    :param after: the key of the last row of the page before.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_LIST, after, state, paths, limit)]


async def settle(key: UUID, state: str, by: UUID, acting_for: UUID | None, now: datetime, settlement: str) -> None:
    """Say what became of a draft that waited. Needs a transaction that holds its subject. :param now: UTC."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE drafts SET state = $2, settled_by = $3, settled_for = $4, settled_at = $5, settlement = $6"
            " WHERE id = $1 AND state = 'proposed'",
            key, state, by, acting_for, now, settlement,
        )  # fmt: skip
