"""Where the papers of a case are (材料去向): every move, only ever added, and what lies at each place outside the hall.

What was counted at receipt and is at no other place is in the hall of the case, so the hall has no rows of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.paper_batches import PaperBatch
from storage.people import Person
from workflows.custody import HALL, Papers


class PaperMove(Table, db=DB, tablename="paper_moves"):
    """Papers of one line that went from one place to another; ``cause`` is the event's name without its subject."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    batch_id = ForeignKey(PaperBatch, null=True)
    line = Varchar(length=40)
    originals = Integer()
    copies = Integer()
    sheets = Integer()
    from_place = Varchar(length=60)
    to_place = Varchar(length=60)
    cause = Varchar(length=12)
    moved_by = ForeignKey(Person, null=True)
    moved_at = Timestamptz()


class PaperHolding(Table, db=DB, tablename="paper_holdings"):
    """Papers of one line at one place: the sum of the moves there and away. ``since``: the last arrival."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    line = Varchar(length=40)
    place = Varchar(length=60)
    originals = Integer()
    copies = Integer()
    sheets = Integer()
    since = Timestamptz()


@dataclass(frozen=True, slots=True)
class Move:
    """One move to be written. ``case`` and ``batch`` are keys; for places see :func:`workflows.custody.place_of`."""

    case: UUID
    line: str
    papers: Papers
    from_place: str
    to_place: str
    batch: UUID | None = None


Where = dict[tuple[UUID, str], dict[str, Papers]]
"""By case and line: the papers at each place, the hall among them."""

_RECEIVED: Final = """
SELECT case_id, line, originals, copies, pages AS sheets FROM case_materials
WHERE case_id = ANY($1) AND (originals > 0 OR copies > 0)
"""
_HELD: Final = """
SELECT case_id, line, place, originals, copies, sheets FROM paper_holdings WHERE case_id = ANY($1)
  AND (originals > 0 OR copies > 0 OR sheets > 0)
"""


async def where(connection: Connection, cases: Collection[UUID]) -> Where:
    """Where the papers of some cases are; certain while the cases are locked."""
    found: Where = {}
    for row in await connection.fetch(_HELD, list(cases)):
        found.setdefault((row["case_id"], row["line"]), {})[row["place"]] = _papers(row)
    for row in await connection.fetch(_RECEIVED, list(cases)):
        places = found.setdefault((row["case_id"], row["line"]), {})
        in_hall = _papers(row).without(sum(places.values(), Papers()))
        if in_hall:
            places[HALL] = in_hall
    return found


def _papers(row: Any) -> Papers:
    return Papers(row["originals"], row["copies"], row["sheets"])


_MOVE: Final = """
INSERT INTO paper_moves (id, case_id, batch_id, line, originals, copies, sheets, from_place, to_place, cause, moved_by,
  moved_at)
SELECT uuidv7(), m.case_id, m.batch_id, m.line, m.originals, m.copies, m.sheets, m.from_place, m.to_place, $2, $3, $4
FROM jsonb_to_recordset($1) AS m(case_id uuid, batch_id uuid, line text, originals int, copies int, sheets int,
  from_place text, to_place text)
"""
_LEAVE: Final = """
UPDATE paper_holdings h SET originals = h.originals - m.originals, copies = h.copies - m.copies,
  sheets = h.sheets - m.sheets
FROM jsonb_to_recordset($1) AS m(case_id uuid, line text, originals int, copies int, sheets int, from_place text)
WHERE h.case_id = m.case_id AND h.line = m.line AND h.place = m.from_place
"""
_COME: Final = """
INSERT INTO paper_holdings AS h (id, case_id, line, place, originals, copies, sheets, since)
SELECT uuidv7(), m.case_id, m.line, m.to_place, m.originals, m.copies, m.sheets, $2
FROM jsonb_to_recordset($1) AS m(case_id uuid, line text, originals int, copies int, sheets int, to_place text)
ON CONFLICT (case_id, line, place) DO UPDATE SET originals = h.originals + excluded.originals,
  copies = h.copies + excluded.copies, sheets = h.sheets + excluded.sheets, since = excluded.since
"""


async def move(connection: Connection, moves: Iterable[Move], cause: str, by: UUID | None, at: datetime) -> None:
    """Write moves of locked cases, at most one of a line from and to the same places. :param at: UTC."""
    rows = [
        {
            "case_id": str(one.case),
            "batch_id": str(one.batch) if one.batch else None,
            "line": one.line,
            "originals": one.papers.originals,
            "copies": one.papers.copies,
            "sheets": one.papers.sheets,
            "from_place": one.from_place,
            "to_place": one.to_place,
        }
        for one in moves
        if one.papers
    ]
    if rows:
        await connection.execute(_MOVE, rows, cause, by, at)
        await connection.execute(_LEAVE, [row for row in rows if row["from_place"] != HALL])
        await connection.execute(_COME, [row for row in rows if row["to_place"] != HALL], at)


_ROOTS: Final = """
SELECT c.number, coalesce(p.number, c.number) AS root FROM cases c
LEFT JOIN cases p ON p.id = c.parent_id AND c.flow = $2 WHERE c.number = ANY($1)
"""


async def roots(connection: Connection, numbers: Collection[str], flow: str) -> dict[str, str]:
    """The cases whose papers these are: a department that takes part (in cases of ``flow``) has those of the parent."""
    rows = await connection.fetch(_ROOTS, list(numbers), flow)
    return {row["number"]: row["root"] for row in rows}


_MOVES: Final = """
SELECT m.line, m.originals, m.copies, m.sheets, m.from_place, m.to_place, m.cause, m.moved_at, p.name AS moved_by
FROM paper_moves m LEFT JOIN people p ON p.id = m.moved_by WHERE m.case_id = $1 ORDER BY m.moved_at, m.id
"""
_SINCE: Final = """
SELECT line, place, since FROM paper_holdings WHERE case_id = $1
UNION ALL SELECT line, 'hall:', counted_at FROM case_materials WHERE case_id = $1
"""


async def of_case(connection: Connection, case: UUID) -> tuple[list[dict[str, Any]], dict[tuple[str, str], datetime]]:
    """Every move of a case, oldest first; and since when something is at each place, by line and place."""
    moves = [dict(row) for row in await connection.fetch(_MOVES, case)]
    since = {(row["line"], row["place"]): row["since"] for row in await connection.fetch(_SINCE, case)}
    back = {(one["line"], HALL): one["moved_at"] for one in moves if one["to_place"] == HALL}
    return moves, since | back


_AT: Final = """
SELECT h.id, c.number AS "case", c.item_name, c.item_name_en, c.state, c.closed_at, h.line, h.originals, h.copies,
  h.sheets, h.since
FROM paper_holdings h JOIN cases c ON c.id = h.case_id
WHERE h.place = $1 AND (h.originals > 0 OR h.copies > 0) AND ($2::uuid[] IS NULL OR c.hall_id = ANY($2))
  AND (h.since, h.id) > ($3, $4)
ORDER BY h.since, h.id LIMIT $5
"""


async def at_place(
    place: str, halls: list[UUID] | None, after: tuple[datetime, UUID], limit: int
) -> list[dict[str, Any]]:
    """A page of what lies at a place, the longest first.

    :param halls: only of cases of these halls; None for all. :param after: ``since`` and ``id`` of the row before it.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_AT, place, halls, *after, limit)]
