"""What there is of one case, counted for its file: documents, services, received lines and scans, open duties."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from storage.db import Connection

_HOLDINGS: Final = """
SELECT c.received_at, c.accepted_at,
  EXISTS (SELECT FROM deliveries v WHERE v.case_id = c.id) AS delivered,
  ARRAY(SELECT DISTINCT d.code FROM documents d WHERE d.case_id = c.id ORDER BY 1) AS documents,
  ARRAY(SELECT d.number FROM documents d LEFT JOIN papers p ON p.document_id = d.id
    WHERE d.case_id = c.id AND p.id IS NULL ORDER BY d.seq, d.code) AS unmade,
  ARRAY(SELECT d.number FROM documents d WHERE d.case_id = c.id AND d.code = ANY($2) AND NOT EXISTS (
    SELECT FROM services s WHERE s.case_id = c.id AND s.document_number = d.number) ORDER BY d.seq) AS unserved,
  ARRAY(SELECT u.kind FROM duties u WHERE u.case_id = c.id AND u.done_at IS NULL AND u.kind <> ALL($3)
    ORDER BY u.seq, u.kind) AS owed,
  (SELECT coalesce(jsonb_agg(jsonb_build_array(m.line,
      EXISTS (SELECT FROM scan_links l JOIN scans s ON s.id = l.scan_id WHERE l.case_id = c.id AND l.line = m.line
        AND l.replaced_at IS NULL AND s.state = 'stored'),
      EXISTS (SELECT FROM scan_links l JOIN scans s ON s.id = l.scan_id WHERE l.case_id = c.id AND l.line = m.line
        AND s.state = 'incoming')) ORDER BY m.line), '[]')
    FROM case_materials m WHERE m.case_id = c.id AND m.exempt IS NULL AND m.originals + m.copies > 0) AS lines
FROM cases c WHERE c.id = $1
"""


async def of_case(connection: Connection, case: UUID, served: list[str], beside: list[str]) -> dict[str, Any]:
    """What there is of a case.

    :param served: codes of documents that must be served. :param beside: kinds of duties that do not count.
    :returns: as :class:`workflows.archive.Holdings`; ``lines`` with line, scan stored, scan waiting; ``owed`` kinds.
    """
    row = await connection.fetchrow(_HOLDINGS, case, served, beside)
    return dict(row) if row else {}
