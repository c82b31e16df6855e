"""What was handed in for each line of a case's material list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading


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
SELECT u.line, coalesce(m.originals, 0) AS originals, coalesce(m.copies, 0) AS copies, coalesce(m.pages, 0) AS pages,
  m.exempt, coalesce(s.pending, 0)::int AS scans_pending, coalesce(s.stored, 0)::int AS scans_stored,
  coalesce(s.refused, 0)::int AS scans_refused, s.scanned_at,
  (SELECT jsonb_build_object('kind', k.kind, 'passed', k.passed, 'at', k.checked_at, 'by', k.checked_name,
     'reference', k.reference, 'valid_to', k.valid_to)
   FROM material_checks k WHERE k.case_id = $1 AND k.line = u.line ORDER BY k.checked_at DESC, k.id DESC LIMIT 1)
   AS "check",
  (SELECT jsonb_build_object('kind', r.kind, 'source', r.source, 'reference', r.reference,
     'valid_to', CASE WHEN c.id IS NULL THEN r.valid_to ELSE c.valid_to END,
     'standing', c.id IS NULL OR c.state = 'in_force', 'scan', coalesce(f.state, ''))
   FROM reuses r LEFT JOIN certificates c ON c.id = r.certificate_id LEFT JOIN scans f ON f.id = r.scan_id
   WHERE r.case_id = $1 AND r.line = u.line AND r.ended_at IS NULL) AS reuse
FROM (SELECT * FROM case_materials WHERE case_id = $1) m
FULL JOIN (
  SELECT l.line, count(*) FILTER (WHERE s.state = 'incoming') AS pending,
    count(*) FILTER (WHERE s.state = 'stored') AS stored, count(*) FILTER (WHERE s.state = 'refused') AS refused,
    max(l.linked_at) FILTER (WHERE s.state <> 'refused') AS scanned_at
  FROM scan_links l JOIN scans s ON s.id = l.scan_id WHERE l.case_id = $1 AND l.replaced_at IS NULL
    AND l.standing IS DISTINCT FROM 0 GROUP BY l.line
) s USING (line) AS u
ORDER BY u.line
"""


async def of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """Every line that has counts or scans, with its newest check and what stands in for its paper."""
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


_ADVICE = """
SELECT p.scan_id, jsonb_agg(jsonb_build_object('page', p.number, 'advice', p.advice) ORDER BY p.number) AS pages
FROM scan_links l JOIN scan_pages p ON p.scan_id = l.scan_id
WHERE l.case_id = $1 AND l.replaced_at IS NULL AND p.advice <> '[]' GROUP BY p.scan_id
"""


async def advice(case: UUID) -> dict[UUID, list[dict[str, Any]]]:
    """What was measured on the pages of a case's scans and is worth a look, by scan: ``page`` and its ``advice``."""
    async with reading() as connection:
        return {row["scan_id"]: row["pages"] for row in await connection.fetch(_ADVICE, case)}
