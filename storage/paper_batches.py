"""Batches of papers (材料移交批次) between a hall and a department: their lines, seal, and who did what at each end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class PaperBatch(Table, db=DB, tablename="paper_batches"):
    """One sealed batch. ``number`` is that of its slip (D23), ``code`` what scanners read; counts are of the seal.

    ``state``: packed, unpacked, sent, received, refused, taken_back, received_with_discrepancy, settled.
    ``arrived_*``: who counted it, at the organisation that it was for or, after a refusal, at the one it came from.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Varchar(length=60, unique=True)
    code = Varchar(length=24, unique=True)
    hall_id = ForeignKey(Organisation, null=False)
    from_id = ForeignKey(Organisation, null=False)
    to_id = ForeignKey(Organisation, null=False)
    state = Varchar(length=30)
    seal = Varchar(length=200)
    originals = Integer()
    copies = Integer()
    sheets = Integer()
    packed_by = ForeignKey(Person, null=True)
    packed_at = Timestamptz()
    sent_by = ForeignKey(Person, null=True)
    sent_at = Timestamptz(null=True, default=None)
    arrived_by = ForeignKey(Person, null=True)
    arrived_at = Timestamptz(null=True, default=None)
    refused_by = ForeignKey(Person, null=True)
    refused_at = Timestamptz(null=True, default=None)
    reason = Text(default="")


class PaperBatchLine(Table, db=DB, tablename="paper_batch_lines"):
    """So many papers of one line of one case, as they were sealed."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    batch_id = ForeignKey(PaperBatch, null=False)
    case_id = ForeignKey(Case, null=False)
    line = Varchar(length=40)
    originals = Integer()
    copies = Integer()
    sheets = Integer()


_LINE_COLUMNS: Final = ("batch_id", "case_id", "line", "originals", "copies", "sheets")


async def add(connection: Connection, row: dict[str, Any], lines: Iterable[dict[str, Any]]) -> None:
    """Keep a new batch, packed, with its lines."""
    await connection.execute(
        "INSERT INTO paper_batches (id, number, code, hall_id, from_id, to_id, state, seal, originals, copies, sheets,"
        " packed_by, packed_at, reason) VALUES ($1, $2, $3, $4, $5, $6, 'packed', $7, $8, $9, $10, $11, $12, '')",
        row["id"], row["number"], row["code"], row["hall_id"], row["from_id"], row["to_id"], row["seal"],
        row["originals"], row["copies"], row["sheets"], row["packed_by"], row["packed_at"],
    )  # fmt: skip
    await connection.executemany(
        "INSERT INTO paper_batch_lines (id, batch_id, case_id, line, originals, copies, sheets)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6)",
        [tuple(line[name] for name in _LINE_COLUMNS) for line in lines],
    )


_READ: Final = """
SELECT b.*, h.code AS hall, h.path AS hall_path, h.hours AS hall_hours, h.name AS hall_name,
  f.code AS from, f.kind AS from_kind, f.path AS from_path, f.name AS from_name, f.name_en AS from_name_en,
  t.code AS to, t.kind AS to_kind, t.path AS to_path, t.name AS to_name, t.name_en AS to_name_en,
  pb.name AS packed_by_name, sb.name AS sent_by_name, ab.name AS arrived_by_name, rb.name AS refused_by_name
FROM paper_batches b
JOIN organisations h ON h.id = b.hall_id
JOIN organisations f ON f.id = b.from_id
JOIN organisations t ON t.id = b.to_id
LEFT JOIN people pb ON pb.id = b.packed_by
LEFT JOIN people sb ON sb.id = b.sent_by
LEFT JOIN people ab ON ab.id = b.arrived_by
LEFT JOIN people rb ON rb.id = b.refused_by
"""


async def read(code: str) -> dict[str, Any] | None:
    """A batch with its hall, both ends and the people of each step."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ + "WHERE b.code = $1", code)
    return dict(row) if row else None


async def lock(connection: Connection, code: str) -> dict[str, Any] | None:
    """The same, locked until the transaction ends."""
    if await connection.fetchval("SELECT true FROM paper_batches WHERE code = $1 FOR UPDATE", code) is None:
        return None
    row = await connection.fetchrow(_READ + "WHERE b.code = $1", code)
    return dict(row) if row else None


async def by_number(number: str) -> dict[str, Any] | None:
    """The batch whose slip has this number (文号)."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ + "WHERE b.number = $1", number)
    return dict(row) if row else None


_LINES: Final = """
SELECT l.case_id, c.number AS "case", c.query_code, c.item_id, c.item_name, c.item_name_en, l.line, l.originals,
  l.copies, l.sheets, k.due_at AS handover_due_at, k.stopped_at AS handed_over_at
FROM paper_batch_lines l JOIN cases c ON c.id = l.case_id
LEFT JOIN clocks k ON k.case_id = c.id AND k.kind = 'handover'
WHERE l.batch_id = $1 ORDER BY c.number, l.line
"""


async def lines_of(connection: Connection, batch: UUID) -> list[dict[str, Any]]:
    """The lines of a batch by case and line, each with the limit for the handover of its case, if one runs."""
    return [dict(row) for row in await connection.fetch(_LINES, batch)]


async def mark_unpacked(connection: Connection, batch: UUID) -> None:
    """A locked batch was taken apart before it left."""
    await connection.execute("UPDATE paper_batches SET state = 'unpacked' WHERE id = $1", batch)


async def mark_sent(connection: Connection, batch: UUID, by: UUID | None, at: datetime) -> None:
    """A locked batch has left. :param at: UTC."""
    await connection.execute(
        "UPDATE paper_batches SET state = 'sent', sent_by = $2, sent_at = $3 WHERE id = $1", batch, by, at
    )


async def mark_refused(connection: Connection, batch: UUID, by: UUID | None, at: datetime, reason: str) -> None:
    """A locked batch was refused and goes back. :param at: UTC."""
    await connection.execute(
        "UPDATE paper_batches SET state = 'refused', refused_by = $2, refused_at = $3, reason = $4 WHERE id = $1",
        batch, by, at, reason,
    )  # fmt: skip


async def mark_arrived(connection: Connection, batch: UUID, state: str, by: UUID | None, at: datetime) -> None:
    """A locked batch was counted where it arrived. :param at: UTC."""
    await connection.execute(
        "UPDATE paper_batches SET state = $2, arrived_by = $3, arrived_at = $4 WHERE id = $1", batch, state, by, at
    )


async def mark_settled(connection: Connection, batch: UUID) -> None:
    """No discrepancy of a locked batch is open any more."""
    await connection.execute("UPDATE paper_batches SET state = 'settled' WHERE id = $1", batch)


_PAGE: Final = """
SELECT b.id, b.code, b.number, b.state, b.seal, b.originals, b.copies, b.sheets, b.packed_at, b.sent_at, b.arrived_at,
  f.code AS from, f.name AS from_name, f.name_en AS from_name_en, t.code AS to, t.name AS to_name,
  t.name_en AS to_name_en,
  (SELECT count(DISTINCT l.case_id) FROM paper_batch_lines l WHERE l.batch_id = b.id) AS cases
FROM paper_batches b JOIN organisations f ON f.id = b.from_id JOIN organisations t ON t.id = b.to_id
WHERE (b.hall_id = ANY($1) OR b.from_id = ANY($2) OR b.to_id = ANY($2)) AND ($3::text[] IS NULL OR b.state = ANY($3))
  AND b.id < $4
ORDER BY b.id DESC LIMIT $5
"""


async def page(
    halls: list[UUID], departments: list[UUID], states: list[str] | None, before: UUID, limit: int
) -> list[dict[str, Any]]:
    """A page of the batches of these halls and departments, the newest first. :param before: key of the last row."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_PAGE, halls, departments, states, before, limit)]
