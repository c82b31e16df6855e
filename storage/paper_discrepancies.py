"""What did not agree with the seal of a batch (移交差异), and how each point was settled."""

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
from storage.paper_batches import PaperBatch
from storage.people import Person


class PaperDiscrepancy(Table, db=DB, tablename="paper_discrepancies"):
    """One discrepancy of one line. ``kind``: missing, extra, damaged (then ``originals`` counts pieces of any kind).

    ``outcome`` is empty until the sender acknowledges it or a supervisor settles it.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    batch_id = ForeignKey(PaperBatch, null=False)
    case_id = ForeignKey(Case, null=False)
    line = Varchar(length=40)
    kind = Varchar(length=10)
    originals = Integer()
    copies = Integer()
    sheets = Integer()
    note = Text(default="")
    recorded_by = ForeignKey(Person, null=True)
    recorded_at = Timestamptz()
    outcome = Varchar(length=12, default="")
    settlement = Text(default="")
    settled_by = ForeignKey(Person, null=True)
    settled_at = Timestamptz(null=True, default=None)


_COLUMNS: Final = (
    "batch_id", "case_id", "line", "kind", "originals", "copies", "sheets", "note", "recorded_by", "recorded_at",
)  # fmt: skip


async def add(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Keep what was found wrong at a reception."""
    await connection.executemany(
        "INSERT INTO paper_discrepancies (id, batch_id, case_id, line, kind, originals, copies, sheets, note,"
        " recorded_by, recorded_at, outcome, settlement)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', '')",
        [tuple(row[name] for name in _COLUMNS) for row in rows],
    )


async def open_of(connection: Connection, batch: UUID) -> list[dict[str, Any]]:
    """The discrepancies of a batch that nobody has settled."""
    rows = await connection.fetch(
        'SELECT d.*, c.number AS "case" FROM paper_discrepancies d JOIN cases c ON c.id = d.case_id'
        " WHERE d.batch_id = $1 AND d.outcome = '' ORDER BY d.id",
        batch,
    )
    return [dict(row) for row in rows]


async def settle(connection: Connection, key: UUID, outcome: str, word: str, by: UUID | None, at: datetime) -> None:
    """Write how a discrepancy was settled. :param at: UTC."""
    await connection.execute(
        "UPDATE paper_discrepancies SET outcome = $2, settlement = $3, settled_by = $4, settled_at = $5 WHERE id = $1",
        key, outcome, word, by, at,
    )  # fmt: skip


_OF_BATCH: Final = """
SELECT d.id, c.number AS "case", d.line, d.kind, d.originals, d.copies, d.sheets, d.note, r.name AS recorded_by,
  d.recorded_at, d.outcome, d.settlement, s.name AS settled_by, d.settled_at
FROM paper_discrepancies d JOIN cases c ON c.id = d.case_id
LEFT JOIN people r ON r.id = d.recorded_by LEFT JOIN people s ON s.id = d.settled_by
WHERE d.batch_id = $1 ORDER BY c.number, d.line, d.id
"""


async def of_batch(batch: UUID) -> list[dict[str, Any]]:
    """Every discrepancy of a batch, settled or not."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_OF_BATCH, batch)]
