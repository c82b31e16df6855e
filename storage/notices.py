"""The one-time notice (补正告知) of a case and its lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Boolean, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection
from storage.people import Person


class Notice(Table, db=DB, tablename="notices"):
    """What an applicant was told, once, to correct.

    ``number`` counts from 1. Another one has a ``changed_fact``, or is a ``violation`` of the duty to tell once.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    number = Integer()
    given_at = Timestamptz()
    given_by = ForeignKey(Person, null=True)
    changed_fact = Text(default="")
    violation = Boolean(default=False)


class NoticeLine(Table, db=DB, tablename="notice_lines"):
    """One line of a notice: material, defect, requirement, basis; when it was met."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    notice_id = ForeignKey(Notice, null=False)
    line = Integer()
    material = Varchar(length=40)
    defect = Text()
    requirement = Text()
    basis = Text()
    how_to_obtain = Text(default="")
    met_at = Timestamptz(null=True, default=None)


_OF_CASE = """
SELECT n.given_at, (SELECT jsonb_agg(jsonb_build_object('line', l.line, 'material', l.material, 'defect', l.defect,
  'requirement', l.requirement, 'basis', l.basis, 'how_to_obtain', l.how_to_obtain, 'met_at', l.met_at) ORDER BY l.line)
  FROM notice_lines l WHERE l.notice_id = n.id) AS lines
FROM notices n WHERE n.case_id = $1 ORDER BY n.number LIMIT 1
"""


async def of_case(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The notice of a case, if one was given."""
    row = await connection.fetchrow(_OF_CASE, case)
    return dict(row) if row else None


async def give(
    connection: Connection, notice: UUID, case: UUID, by: UUID | None, at: datetime, lines: list[dict[str, Any]]
) -> None:
    """Write the notice and its lines."""
    await connection.execute(
        "INSERT INTO notices (id, case_id, number, given_at, given_by) VALUES ($1, $2, 1, $3, $4)", notice, case, at, by
    )
    await connection.executemany(
        "INSERT INTO notice_lines (id, notice_id, line, material, defect, requirement, basis, how_to_obtain)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7)",
        [
            (notice, n, r["material"], r["defect"], r["requirement"], r["basis"], r.get("how_to_obtain") or "")
            for n, r in enumerate(lines, 1)
        ],
    )


async def meet(connection: Connection, case: UUID, lines: list[int], at: datetime) -> None:
    """Mark lines of the notice as met."""
    await connection.execute(
        "UPDATE notice_lines l SET met_at = $3 FROM notices n"
        " WHERE n.id = l.notice_id AND n.case_id = $1 AND l.line = ANY($2::int[]) AND l.met_at IS NULL",
        case,
        lines,
        at,
    )


async def reminders(connection: Connection, case: UUID) -> int:
    """How often the applicant was reminded of the time to correct."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM notifications WHERE case_id = $1 AND event = 'correction_reminder'", case
    )
    return count
