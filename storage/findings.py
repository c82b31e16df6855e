"""Audit findings and every step that was taken with them. Nothing of them is ever changed or deleted but the state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.people import Person
from storage.samples import Sample


class Finding(Table, db=DB, tablename="findings"):
    """What an auditor holds against a case: the event it is about, the article, how grave, and what shows it.

    ``state`` follows the last step; ``due_on`` is the hall day by which the addressee answers.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Varchar(length=20, unique=True)
    case_id = ForeignKey(Case, null=False, index=True)
    seq = Integer(null=True, default=None)
    article = Varchar(length=200)
    severity = Varchar(length=10)
    addressee = Varchar(length=12)
    text = Text()
    evidence = Text(default="")
    sample_id = ForeignKey(Sample, null=True)
    due_on = Date(null=True, default=None)
    recorded_by = ForeignKey(Person, null=False)
    recorded_at = Timestamptz()
    state = Varchar(length=10)


class FindingAct(Table, db=DB, tablename="finding_steps"):
    """One step with a finding, from its recording on."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    finding_id = ForeignKey(Finding, null=False)
    seq = Integer()
    step = Varchar(length=10)
    role = Varchar(length=30)
    by = ForeignKey(Person, null=False)
    at = Timestamptz()
    text = Text()


async def add(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a new finding. :param row: every column but ``state``."""
    await connection.execute(
        "INSERT INTO findings (id, number, case_id, seq, article, severity, addressee, text, evidence, sample_id,"
        " due_on, recorded_by, recorded_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
        " 'open')",
        row["id"], row["number"], row["case_id"], row["seq"], row["article"], row["severity"], row["addressee"],
        row["text"], row["evidence"], row["sample_id"], row["due_on"], row["recorded_by"], row["recorded_at"],
    )  # fmt: skip


_STEP: Final = """
WITH moved AS (UPDATE findings SET state = $3 WHERE id = $1 RETURNING id)
INSERT INTO finding_steps (id, finding_id, seq, step, role, by, at, text)
SELECT uuidv7(), $1, 1 + coalesce((SELECT max(a.seq) FROM finding_steps a WHERE a.finding_id = $1), 0), $2, $4, $5, $6,
  $7 FROM moved
"""


async def take_step(connection: Connection, finding: UUID, row: Mapping[str, Any]) -> None:
    """Add a step to a locked finding. :param row: ``step``, the new ``state``, ``role``, ``by``, ``at``, ``text``."""
    await connection.execute(
        _STEP, finding, row["step"], row["state"], row["role"], row["by"], row["at"], row["text"]
    )  # fmt: skip


_LISTED: Final = """
SELECT f.id, f.number, f.seq, f.article, f.severity, f.addressee, f.text, f.evidence, f.sample_id, f.due_on,
  f.recorded_at, f.state, c.number AS "case", c.item_name, c.item_name_en, c.state AS case_state, p.name AS recorded_by,
  h.path AS hall_path, d.path AS department_path, h.code AS hall, h.name AS hall_name, h.name_en AS hall_name_en,
  d.code AS department, d.name AS department_name, d.name_en AS department_name_en, h.hours AS hall_hours
FROM findings f JOIN cases c ON c.id = f.case_id JOIN people p ON p.id = f.recorded_by
JOIN organisations h ON h.id = c.hall_id JOIN organisations d ON d.id = c.department_id
"""
_PAGE: Final = (
    _LISTED
    + """WHERE (c.hall_id = ANY($1) OR (f.addressee = 'department' AND c.department_id = ANY($2)))
  AND ($3::text IS NULL OR f.state = $3) AND ($4::text IS NULL OR c.number = $4)
  AND ($5::text IS NULL OR f.severity = $5) AND f.id < $6
ORDER BY f.id DESC LIMIT $7"""
)


async def page(
    halls: list[UUID],
    departments: list[UUID],
    *,
    state: str | None = None,
    case: str | None = None,
    severity: str | None = None,
    before: UUID,
    limit: int,
) -> list[dict[str, Any]]:
    """A page of the findings on cases of these halls, and of those that these departments answer; the newest first."""
    async with reading() as connection:
        rows = await connection.fetch(_PAGE, halls, departments, state, case, severity, before, limit)
    return [dict(row) for row in rows]


_AWAITING: Final = """
SELECT count(*)::int AS open, count(*) FILTER (WHERE f.due_on < $3)::int AS overdue
FROM findings f JOIN cases c ON c.id = f.case_id
WHERE f.state = 'open' AND ((f.addressee = 'hall' AND c.hall_id = ANY($1))
  OR (f.addressee = 'department' AND c.department_id = ANY($2)))
"""


async def awaiting(halls: list[UUID], departments: list[UUID], today: date) -> dict[str, int]:
    """How many findings wait for an answer of these halls and departments: ``open``, and of them ``overdue``."""
    async with reading() as connection:
        (row,) = await connection.fetch(_AWAITING, halls, departments, today)
    return dict(row)


async def read(connection: Connection, number: str, *, lock: bool = False) -> dict[str, Any] | None:
    """One finding by its number, locked until the end of the transaction where a step is to be taken."""
    locked = " FOR UPDATE OF f" if lock else ""
    row = await connection.fetchrow(f"{_LISTED}WHERE f.number = $1{locked}", number)
    return dict(row) if row else None


async def steps_of(connection: Connection, finding: UUID) -> list[dict[str, Any]]:
    """Every step that was taken with a finding, in order."""
    rows = await connection.fetch(
        "SELECT a.seq, a.step, a.role, a.at, a.text, p.name AS by FROM finding_steps a JOIN people p ON p.id = a.by"
        " WHERE a.finding_id = $1 ORDER BY a.seq",
        finding,
    )
    return [dict(row) for row in rows]
