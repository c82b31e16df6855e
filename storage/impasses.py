"""办不成事: what an applicant could not get done, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Boolean, Bytea, Date, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class Impasse(Table, db=DB, tablename="impasses"):
    """One ticket (D26), linked to a case where there is one.

    ``state``: see :mod:`workflows.impasse`. Contact is owed by ``contact_due_on``, the solution by ``due_on`` (hall
    time); ``contact_overdue_at`` and ``overdue_at`` (UTC) are the moments at which that had passed without it.
    ``person`` is the name in clear; ``contact_sealed`` how to reach them.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Varchar(length=60, unique=True)
    hall_id = ForeignKey(Organisation, null=False, index=True)
    case_id = ForeignKey(Case, null=True, index=True)
    person = Varchar(length=200)
    contact_sealed = Bytea(null=True, default=None)
    matter = Text()
    complex = Boolean(default=False)
    state = Varchar(length=12)
    registered_by = ForeignKey(Person, null=True)
    registered_at = Timestamptz()
    contact_due_on = Date()
    due_on = Date()
    due_at = Timestamptz()
    contacted_at = Timestamptz(null=True, default=None)
    assigned_to = ForeignKey(Organisation, null=True)
    history = JSONB()
    solved_at = Timestamptz(null=True, default=None)
    solved_by = ForeignKey(Person, null=True)
    closed_at = Timestamptz(null=True, default=None)
    contact_overdue_at = Timestamptz(null=True, default=None)
    overdue_at = Timestamptz(null=True, default=None)


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new ticket."""
    await connection.execute(
        "INSERT INTO impasses (id, number, hall_id, case_id, person, contact_sealed, matter, complex, state,"
        " registered_by, registered_at, contact_due_on, due_on, due_at, history)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        row["id"], row["number"], row["hall_id"], row["case_id"], row["person"], row["contact_sealed"], row["matter"],
        row["complex"], row["state"], row["registered_by"], row["registered_at"], row["contact_due_on"], row["due_on"],
        row["due_at"], row["history"],
    )  # fmt: skip


_READ = """
SELECT i.*, h.path AS hall_path, h.code AS hall, h.hours AS hall_hours, c.number AS "case",
  coalesce(a.path, '') AS assigned_path, a.code AS assigned, a.name AS assigned_name,
  a.name_en AS assigned_name_en
FROM impasses i
JOIN organisations h ON h.id = i.hall_id
LEFT JOIN organisations a ON a.id = i.assigned_to
LEFT JOIN cases c ON c.id = i.case_id
WHERE i.number = $1
"""


async def read(number: str) -> dict[str, Any] | None:
    """A ticket with its places and the number of its case."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ, number)
    return dict(row) if row else None


async def lock(connection: Connection, number: str) -> dict[str, Any] | None:
    """The same, locked until the transaction ends."""
    if await connection.fetchval("SELECT true FROM impasses WHERE number = $1 FOR UPDATE", number) is None:
        return None
    row = await connection.fetchrow(_READ, number)
    return dict(row) if row else None


_MOVE = """
UPDATE impasses SET state = $2, complex = $3, due_on = $4, due_at = $5, contacted_at = $6, assigned_to = $7,
  solved_at = $8, solved_by = $9, closed_at = $10, contact_overdue_at = $11, overdue_at = $12, history = history || $13
WHERE id = $1
"""


async def move(connection: Connection, row: dict[str, Any], line: dict[str, Any]) -> None:
    """Write a locked ticket as it is to be, and add a line to its history."""
    await connection.execute(
        _MOVE, row["id"], row["state"], row["complex"], row["due_on"], row["due_at"], row["contacted_at"],
        row["assigned_to"], row["solved_at"], row["solved_by"], row["closed_at"], row["contact_overdue_at"],
        row["overdue_at"], [line],
    )  # fmt: skip


_PAGE = """
SELECT i.id, i.number, i.person, i.matter, i.complex, i.state, i.registered_at, i.contact_due_on, i.due_on, i.due_at,
  i.contacted_at, i.solved_at, i.closed_at, i.contact_overdue_at, i.overdue_at, h.code AS hall, a.code AS assigned,
  a.name AS assigned_name, a.name_en AS assigned_name_en,
  c.number AS "case"
FROM impasses i
JOIN organisations h ON h.id = i.hall_id
LEFT JOIN organisations a ON a.id = i.assigned_to
LEFT JOIN cases c ON c.id = i.case_id
WHERE (i.hall_id = ANY($1) OR i.assigned_to = ANY($2)) AND ($3::text[] IS NULL OR i.state = ANY($3))
  AND (i.due_on, i.id) > ($4, $5)
ORDER BY i.due_on, i.id LIMIT $6
"""


async def page(
    halls: list[UUID], departments: list[UUID], states: list[str] | None, after: tuple[date, UUID], limit: int
) -> list[dict[str, Any]]:
    """A page of the tickets of these halls and of those assigned to these departments, the most urgent first.

    :param after: ``due_on`` and ``id`` of the last row of the page before.
    """
    async with reading() as connection:
        rows = await connection.fetch(_PAGE, halls, departments, states, *after, limit)
    return [dict(row) for row in rows]


_LATE = """
SELECT i.number FROM impasses i WHERE i.closed_at IS NULL AND (
  (i.contacted_at IS NULL AND i.contact_overdue_at IS NULL AND i.contact_due_on <= $2)
  OR (i.solved_at IS NULL AND i.overdue_at IS NULL AND i.due_at < $1))
ORDER BY i.id LIMIT 500
"""


async def late(now: datetime, today: date) -> list[str]:
    """The numbers of tickets on which something may be late and was not noted yet, 500 at most.

    :param now: UTC. :param today: the hall day of now.
    """
    async with reading() as connection:
        return [row["number"] for row in await connection.fetch(_LATE, now, today)]
