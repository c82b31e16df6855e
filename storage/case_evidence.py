"""The files of a case as an auditor asks of them: digests, and what was found when they were last read again."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from storage.db import reading

_DOCUMENTS: Final = """
SELECT d.code, d.number, d.seq, d.issued_at, q.name AS issued_by, p.digest, p.size, p.pages, p.rendered_at,
  p.retain_until, b.checked_at, b.result
FROM documents d JOIN cases c ON c.id = d.case_id LEFT JOIN people q ON q.id = d.issued_by
LEFT JOIN papers p ON p.document_id = d.id LEFT JOIN scrubs b ON b.id = p.id
WHERE c.number = $1 ORDER BY d.seq, d.code
"""
_SCANS: Final = """
SELECT s.id, l.line, s.file_name, s.kind, s.size, s.pages, s.digest, s.digest_algorithm, s.state, s.verdict,
  s.uploaded_at, q.name AS uploaded_by, s.retain_until, b.checked_at, b.result
FROM scan_links l JOIN cases c ON c.id = l.case_id JOIN scans s ON s.id = l.scan_id
LEFT JOIN people q ON q.id = s.uploaded_by LEFT JOIN scrubs b ON b.id = s.id
WHERE c.number = $1 ORDER BY l.line, s.uploaded_at, s.id
"""
_NOTICES: Final = """
SELECT n.number, n.kind, n.given_at, n.in_time, n.working_days, n.lines, n.offending, n.changed_fact, n.document,
  n.served_at, n.served_way, n.role, q.name AS given_by
FROM notice_facts n JOIN cases c ON c.id = n.case_id LEFT JOIN people q ON q.id = n.given_by
WHERE c.number = $1 ORDER BY n.number
"""


async def of_case(number: str) -> dict[str, list[dict[str, Any]]]:
    """Documents, scans and notices of a case. ``result`` of the last reading: whole, altered, missing, unlocked."""
    found = {}
    async with reading() as connection:
        for name, statement in (("documents", _DOCUMENTS), ("scans", _SCANS), ("notices", _NOTICES)):
            found[name] = [dict(row) for row in await connection.fetch(statement, number)]
    return found


async def names_of(keys: list[UUID]) -> dict[str, str]:
    """Whose these keys are, as far as they are of people or places: name by key as text."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT id, name FROM people WHERE id = ANY($1) UNION ALL SELECT id, name FROM organisations"
            " WHERE id = ANY($1)",
            keys,
        )
    return {str(row["id"]): row["name"] for row in rows}
