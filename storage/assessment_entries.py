"""What is scored in an assessment: deductions and bonuses with their evidence, and the contractor's objections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSONB, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.assessments import Assessment
from storage.db import DB, Connection, reading
from storage.people import Person


class AssessmentEntry(Table, db=DB, tablename="assessment_entries"):
    """One entry: an item of the table, how many times, the points of each time.

    ``origin``: machine (found in the trail, under ``found``, which tells it from every other finding) or manual.
    ``state``: proposed (counts for nothing), confirmed, rejected. ``links``: case numbers and numbers of events.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    assessment_id = ForeignKey(Assessment, null=False, index=True)
    item = Varchar(length=12)
    times = Integer()
    points = Integer()
    origin = Varchar(length=8)
    found = Varchar(length=160, default="")
    evidence = Text()
    evidence_en = Text(default="")
    links = JSONB()
    reference = Varchar(length=200, default="")
    state = Varchar(length=10)
    made_by = ForeignKey(Person, null=True)
    made_at = Timestamptz()
    settled_by = ForeignKey(Person, null=True)
    settled_at = Timestamptz(null=True, default=None)
    settlement = Text(default="")


class AssessmentObjection(Table, db=DB, tablename="assessment_objections"):
    """What the contractor says against an entry (异议), and the answer to it."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    entry_id = ForeignKey(AssessmentEntry, null=False)
    text = Text()
    made_by = ForeignKey(Person, null=True)
    made_at = Timestamptz()
    answer = Text(default="")
    answered_by = ForeignKey(Person, null=True)
    answered_at = Timestamptz(null=True, default=None)


_ADDED: Final = (
    "assessment_id", "item", "times", "points", "origin", "found", "evidence", "evidence_en", "links", "reference",
    "state", "made_by", "made_at", "settled_by", "settled_at", "settlement",
)  # fmt: skip
_ADD: Final = f"""
INSERT INTO assessment_entries (id, {", ".join(_ADDED)})
VALUES (uuidv7(), {", ".join(f"${n}" for n in range(1, len(_ADDED) + 1))})
ON CONFLICT (assessment_id, item, found) WHERE found <> '' DO NOTHING RETURNING id
"""  # noqa: S608  # names of columns


async def add(connection: Connection, row: dict[str, Any]) -> UUID | None:
    """Keep an entry; None where the assessment has this finding already. :param row: every column but the key."""
    key: UUID | None = await connection.fetchval(_ADD, *(row[name] for name in _ADDED))
    return key


async def copy(connection: Connection, before: UUID, after: UUID) -> None:
    """Take the settled entries of one edition over into the next one."""
    names = ", ".join(_ADDED[1:])
    await connection.execute(
        f"INSERT INTO assessment_entries (id, assessment_id, {names}) SELECT uuidv7(), $2, {names}"  # noqa: S608  # idem
        " FROM assessment_entries WHERE assessment_id = $1 ORDER BY id",
        before, after,
    )  # fmt: skip


async def of_assessment(key: UUID) -> list[dict[str, Any]]:
    """Every entry of an assessment with its people and the objection to it, in order."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT e.*, coalesce(m.name, '') AS made_by_name, coalesce(s.name, '') AS settled_by_name,"
            " b.text AS objection, b.made_at AS objected_at, b.answer, b.answered_at, n.name AS answered_by_name,"
            " w.name AS objected_by_name"
            " FROM assessment_entries e LEFT JOIN people m ON m.id = e.made_by"
            " LEFT JOIN people s ON s.id = e.settled_by LEFT JOIN assessment_objections b ON b.entry_id = e.id"
            " LEFT JOIN people n ON n.id = b.answered_by"
            " LEFT JOIN people w ON w.id = b.made_by WHERE e.assessment_id = $1 ORDER BY e.id",
            key,
        )
    return [dict(row) for row in rows]


async def read(connection: Connection, assessment: UUID, key: UUID) -> dict[str, Any] | None:
    """One entry of an assessment, with its objection where there is one (``objection_id``, ``answered_at``)."""
    row = await connection.fetchrow(
        "SELECT e.*, b.id AS objection_id, b.answered_at FROM assessment_entries e LEFT JOIN assessment_objections b"
        " ON b.entry_id = e.id WHERE e.assessment_id = $1 AND e.id = $2",
        assessment, key,
    )  # fmt: skip
    return dict(row) if row else None


async def settle(connection: Connection, key: UUID, state: str, by: UUID | None, at: datetime, words: str) -> None:
    """Confirm or reject an entry. :param state: confirmed or rejected. :param at: UTC."""
    await connection.execute(
        "UPDATE assessment_entries SET state = $2, settled_by = $3, settled_at = $4, settlement = $5 WHERE id = $1",
        key, state, by, at, words,
    )  # fmt: skip


async def proposed_of_items(connection: Connection, assessment: UUID) -> Counter[str]:
    """How many findings of the engine an assessment holds, by item."""
    rows = await connection.fetch(
        "SELECT item, count(*) AS times FROM assessment_entries WHERE assessment_id = $1 AND origin = 'machine'"
        " GROUP BY item",
        assessment,
    )
    return Counter({row["item"]: row["times"] for row in rows})


async def is_known(connection: Connection, assessment: UUID, item: str, found: str) -> bool:
    """Whether an assessment holds this finding."""
    known: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM assessment_entries WHERE assessment_id = $1 AND item = $2 AND found = $3)",
        assessment, item, found,
    )  # fmt: skip
    return known


async def settle_proposed(
    connection: Connection, assessment: UUID, item: str, state: str, by: UUID | None, at: datetime, words: str
) -> int:
    """Confirm or reject every proposal of an item that waits; how many. :param at: UTC."""
    rows = await connection.fetch(
        "UPDATE assessment_entries SET state = $3, settled_by = $4, settled_at = $5, settlement = $6"
        " WHERE assessment_id = $1 AND item = $2 AND state = 'proposed' RETURNING id",
        assessment, item, state, by, at, words,
    )  # fmt: skip
    return len(rows)


async def scorers(connection: Connection, assessment: UUID) -> frozenset[UUID]:
    """Everybody who entered or settled anything in an assessment, or answered an objection."""
    rows = await connection.fetch(
        "SELECT made_by AS who FROM assessment_entries WHERE assessment_id = $1 AND made_by IS NOT NULL"
        " UNION SELECT settled_by FROM assessment_entries WHERE assessment_id = $1 AND settled_by IS NOT NULL"
        " UNION SELECT b.answered_by FROM assessment_objections b JOIN assessment_entries e ON e.id = b.entry_id"
        " WHERE e.assessment_id = $1 AND b.answered_by IS NOT NULL",
        assessment,
    )
    return frozenset(row["who"] for row in rows)


async def confirmed(connection: Connection, assessment: UUID) -> Sequence[tuple[str, int, int]]:
    """What counts: item, times, points of each entry that is confirmed."""
    rows = await connection.fetch(
        "SELECT item, times, points FROM assessment_entries WHERE assessment_id = $1 AND state = 'confirmed'",
        assessment,
    )
    return [(row["item"], row["times"], row["points"]) for row in rows]


async def object_to(connection: Connection, entry: UUID, text: str, by: UUID | None, at: datetime) -> bool:
    """Keep an objection; False where the entry has one. :param at: UTC."""
    key = await connection.fetchval(
        "INSERT INTO assessment_objections (id, entry_id, text, made_by, made_at, answer)"
        " VALUES (uuidv7(), $1, $2, $3, $4, '') ON CONFLICT (entry_id) DO NOTHING RETURNING id",
        entry, text, by, at,
    )  # fmt: skip
    return key is not None


async def answer(connection: Connection, objection: UUID, text: str, by: UUID | None, at: datetime) -> None:
    """Keep the answer to an objection. :param at: UTC."""
    await connection.execute(
        "UPDATE assessment_objections SET answer = $2, answered_by = $3, answered_at = $4 WHERE id = $1",
        objection, text, by, at,
    )  # fmt: skip
