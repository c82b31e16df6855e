"""Edits of the pages of a case: rows that are only added, and the pages as they stand after all of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.people import Person
from storage.scans import Scan
from workflows.arrangement import ArrangedPage, Edit, Originals, PageEdit, arrange


class PageEditRow(Table, db=DB, tablename="page_edits"):
    """One edit of one page, ``seq`` from 1 within the case; see :class:`workflows.arrangement.PageEdit`."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    action = Varchar(length=10)
    line = Varchar(length=40, default="")
    scan_id = ForeignKey(Scan, null=False)
    page = Integer(default=0)
    to_line = Varchar(length=40, default="")
    position = Integer(default=0)
    turned = Integer(default=0)
    by_scan_id = UUIDColumn(default=None, null=True)
    made_by = ForeignKey(Person, null=True)
    made_at = Timestamptz()


_ORIGINALS: Final = """
SELECT l.line, l.scan_id, coalesce(l.pages, ARRAY(SELECT generate_series(1, s.pages))) AS pages
FROM scan_links l JOIN scans s ON s.id = l.scan_id JOIN cases c ON c.id = l.case_id
WHERE c.number = $1 AND s.state = 'stored' ORDER BY l.linked_at, l.id
"""
_EDITS: Final = """
SELECT e.seq, e.action, e.line, e.scan_id, e.page, e.to_line, e.position, e.turned, e.by_scan_id, e.made_at,
  p.name AS made_by_name
FROM page_edits e JOIN cases c ON c.id = e.case_id LEFT JOIN people p ON p.id = e.made_by
WHERE c.number = $1 ORDER BY e.seq
"""


async def arranged(number: str) -> dict[str, tuple[ArrangedPage, ...]]:
    """The pages of every line of a case as they stand now; only of scans that are stored."""
    async with reading() as connection:
        return (await standing(connection, number))[0]


async def standing(connection: Connection, number: str) -> tuple[dict[str, tuple[ArrangedPage, ...]], int]:
    """The same, and how many edits there have been."""
    came = await connection.fetch(_ORIGINALS, number)
    rows = await connection.fetch(_EDITS, number)
    originals = [Originals(row["line"], row["scan_id"], tuple(row["pages"])) for row in came]
    return arrange(originals, map(_edit_of, rows)), len(rows)


def _edit_of(row: Any) -> PageEdit:
    return PageEdit(
        Edit(row["action"]),
        row["line"],
        row["scan_id"],
        row["page"],
        row["to_line"],
        row["position"],
        row["turned"],
        row["by_scan_id"],
    )


async def of_case(number: str) -> list[dict[str, Any]]:
    """Every edit of a case with who made it, in order."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_EDITS, number)]


async def add(connection: Connection, case: UUID, seq: int, edit: PageEdit, by: UUID | None, now: datetime) -> None:
    """Keep an edit of a locked case. :param seq: one more than there were. :param by: who; None for the engine."""
    await connection.execute(
        "INSERT INTO page_edits (id, case_id, seq, action, line, scan_id, page, to_line, position, turned, by_scan_id,"
        " made_by, made_at) VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        case, seq, edit.action.value, edit.line, edit.scan, edit.page, edit.to_line, edit.position, edit.turned,
        edit.by, by, now,
    )  # fmt: skip
