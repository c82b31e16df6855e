"""Consultations: what somebody asked and what they were told, before there is a case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Bytea, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class Consultation(Table, db=DB, tablename="consultations"):
    """One consultation (咨询) with the gaps that were named; linked to the case that came of it."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Varchar(length=60, unique=True)
    hall_id = ForeignKey(Organisation, null=False)
    item_code = Varchar(length=50)
    question = Text()
    answer = Text()
    gaps = JSONB()
    contact_sealed = Bytea(null=True, default=None)
    answered_by = ForeignKey(Person, null=True)
    answered_at = Timestamptz()
    case_id = ForeignKey(Case, null=True)


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a consultation."""
    await connection.execute(
        "INSERT INTO consultations (id, number, hall_id, item_code, question, answer, gaps, contact_sealed,"
        " answered_by, answered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row["id"], row["number"], row["hall_id"], row["item_code"], row["question"], row["answer"], row["gaps"],
        row["contact_sealed"], row["answered_by"], row["answered_at"],
    )  # fmt: skip


_TOLD = """
SELECT 'consultation' AS source, c.number, c.answered_at AS told_at, coalesce(p.name, '') AS told_by, c.gaps
FROM consultations c LEFT JOIN people p ON p.id = c.answered_by WHERE c.case_id = $1
UNION ALL
SELECT 'pre_review', coalesce(d.number, ''), e.at, e.actor_name, e.data->'payload'->'gaps'
FROM events e LEFT JOIN documents d ON d.case_id = e.case_id AND d.seq = e.seq AND d.code = 'D02'
WHERE e.case_id = $1 AND e.name = 'case:return_pre_review'
ORDER BY told_at, number
"""


async def told_of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """What the applicant was told before the notice: each linked consultation and each return at pre-review.

    :returns: ``source`` (consultation or pre_review), ``number`` of the slip, ``told_at``, ``told_by``, ``gaps``.
    """
    return [dict(row) for row in await connection.fetch(_TOLD, case)]


async def first_contact(connection: Connection, number: str, halls: list[UUID]) -> UUID | None:
    """Who answered a consultation of these halls, if they still work there (首问负责)."""
    person: UUID | None = await connection.fetchval(
        "SELECT p.id FROM consultations c JOIN people p ON p.id = c.answered_by AND p.active"
        " WHERE c.number = $1 AND c.hall_id = ANY($2) AND c.case_id IS NULL",
        number,
        halls,
    )
    return person


async def link(connection: Connection, number: str, halls: list[UUID], case: UUID) -> bool:
    """Say which case came of a consultation of these halls; False when there is no such consultation without a case."""
    done = await connection.fetchval(
        "UPDATE consultations SET case_id = $3 WHERE number = $1 AND hall_id = ANY($2) AND case_id IS NULL"
        " RETURNING id",
        number,
        halls,
        case,
    )
    return done is not None


_LISTED = """
SELECT c.number, c.item_code, i.name AS item_name, i.name_en AS item_name_en, c.question, c.answer, c.gaps,
  c.answered_at, coalesce(p.name, '') AS answered_by, k.number AS "case"
FROM consultations c LEFT JOIN people p ON p.id = c.answered_by LEFT JOIN cases k ON k.id = c.case_id
LEFT JOIN LATERAL (SELECT v.name, v.data->>'name_en' AS name_en FROM item_versions v WHERE v.code = c.item_code
  ORDER BY v.version DESC LIMIT 1) i ON true
WHERE c.hall_id = ANY($1)
"""


async def of_halls(halls: list[UUID], *, waiting: bool, limit: int) -> list[dict[str, Any]]:
    """The newest consultations of these halls, with the item's name and the case that came of each.

    :param waiting: only those of which no case has come.
    """
    only = "AND c.case_id IS NULL" if waiting else ""
    async with reading() as connection:
        rows = await connection.fetch(f"{_LISTED} {only} ORDER BY c.answered_at DESC, c.id DESC LIMIT $2", halls, limit)
    return [dict(row) for row in rows]


async def by_number(number: str, halls: list[UUID]) -> dict[str, Any] | None:
    """One consultation of these halls by the number of its slip."""
    async with reading() as connection:
        row = await connection.fetchrow(f"{_LISTED} AND c.number = $2", halls, number)
    return dict(row) if row else None
