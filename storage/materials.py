"""What was handed in for each line of a case's material list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection


class CaseMaterial(Table, db=DB, tablename="case_materials"):
    """Counts of one line: originals and copies in papers, pages in sheets."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    line = Varchar(length=40)
    originals = Integer()
    copies = Integer()
    pages = Integer()
    exempt = Varchar(length=20, null=True, default=None)
    counted_at = Timestamptz()


_OF_CASE = """
SELECT line, coalesce(max(m.originals), 0) AS originals, coalesce(max(m.copies), 0) AS copies,
  coalesce(max(m.pages), 0) AS pages, max(m.exempt) AS exempt,
  coalesce(max(s.pending), 0)::int AS scans_pending, coalesce(max(s.stored), 0)::int AS scans_stored,
  coalesce(max(s.refused), 0)::int AS scans_refused
FROM (SELECT * FROM case_materials WHERE case_id = $1) m
FULL JOIN (
  SELECT l.line, count(*) FILTER (WHERE s.state = 'incoming') AS pending,
    count(*) FILTER (WHERE s.state = 'stored') AS stored, count(*) FILTER (WHERE s.state = 'refused') AS refused
  FROM scan_links l JOIN scans s ON s.id = l.scan_id WHERE l.case_id = $1 AND l.replaced_at IS NULL GROUP BY l.line
) s USING (line)
GROUP BY line ORDER BY line
"""


async def of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """Every line that has counts or scans."""
    return [dict(row) for row in await connection.fetch(_OF_CASE, case)]


async def count(connection: Connection, case: UUID, rows: list[dict[str, Any]]) -> None:
    """Write the counts of some lines over what was there."""
    await connection.executemany(
        "INSERT INTO case_materials (id, case_id, line, originals, copies, pages, exempt, counted_at)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (case_id, line) DO UPDATE SET originals = excluded.originals, copies = excluded.copies,"
        " pages = excluded.pages, exempt = excluded.exempt, counted_at = excluded.counted_at",
        [(case, r["line"], r["originals"], r["copies"], r["pages"], r["exempt"], r["counted_at"]) for r in rows],
    )
