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
SELECT min(n.given_at) AS given_at,
  (SELECT jsonb_agg(jsonb_build_object('line', l.line, 'material', l.material, 'defect', l.defect,
    'requirement', l.requirement, 'basis', l.basis, 'how_to_obtain', l.how_to_obtain, 'met_at', l.met_at,
    'notice', o.number, 'violation', o.violation) ORDER BY l.line)
   FROM notice_lines l JOIN notices o ON o.id = l.notice_id WHERE o.case_id = $1) AS lines,
  jsonb_agg(jsonb_build_object('number', n.number, 'given_at', n.given_at, 'changed_fact', n.changed_fact,
    'violation', n.violation) ORDER BY n.number) AS notices
FROM notices n WHERE n.case_id = $1 HAVING count(*) > 0
"""


async def of_case(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The notice of a case, if one was given, with the lines of those that came after it.

    :returns: ``given_at`` of the first; ``lines`` of all of them, numbered on; ``notices``, each with its number,
        moment, changed fact, and whether it is a violation of the duty to tell once.
    """
    row = await connection.fetchrow(_OF_CASE, case)
    return dict(row) if row else None


_GIVE = """
INSERT INTO notices (id, case_id, number, given_at, given_by, changed_fact, violation)
SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6 FROM notices WHERE case_id = $2
"""


async def give(connection: Connection, notice: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    """Write a notice with the next number, and its lines. The case must be locked.

    :param notice: ``id``, ``case_id``, ``given_at``, ``given_by``, ``changed_fact``, ``violation``.
    :param lines: each with its number ``line``, counted on over all notices of the case.
    """
    await connection.execute(
        _GIVE, notice["id"], notice["case_id"], notice["given_at"], notice["given_by"], notice["changed_fact"],
        notice["violation"],
    )  # fmt: skip
    await connection.executemany(
        "INSERT INTO notice_lines (id, notice_id, line, material, defect, requirement, basis, how_to_obtain)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7)",
        [
            (notice["id"], r["line"], r["material"], r["defect"], r["requirement"], r["basis"], r["how_to_obtain"])
            for r in lines
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


_REMINDERS = """
SELECT count(*) FROM notifications
WHERE case_id = $1 AND recipient = 'applicant' AND event = 'correction_reminder'
  AND created_at > (SELECT max(given_at) FROM notices WHERE case_id = $1)
"""


async def reminders(connection: Connection, case: UUID) -> int:
    """How often the applicant was reminded of the time to correct, since the last notice."""
    count: int = await connection.fetchval(_REMINDERS, case)
    return count
