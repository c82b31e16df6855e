"""What the figures of completeness read: cases of a hall that ended in a period, with what each figure asks about."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from storage.db import Connection

_ENDED: Final = """
SELECT c.id, c.number AS "case", c.item_name, c.item_name_en, c.received_at, c.accepted_at, c.closed_at,
  'promise_permit' = ANY(c.flags) AS promised,
  d.name AS department_name, d.name_en AS department_name_en,
  k.started_at AS handover_at, k.stopped_at AS handed_over_at, k.due_at AS handover_due_at,
  (SELECT coalesce(jsonb_agg(jsonb_build_array(m.line, m.pages, p.n) ORDER BY m.line), '[]') FROM case_materials m
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(coalesce(l.standing, cardinality(l.pages), s.pages)), 0) AS n FROM scan_links l
     JOIN scans s ON s.id = l.scan_id
     WHERE l.case_id = m.case_id AND l.line = m.line AND l.replaced_at IS NULL AND s.state = 'stored') p
   WHERE m.case_id = c.id AND (m.originals > 0 OR m.copies > 0)) AS lines,
  ARRAY(SELECT DISTINCT o.code FROM documents o WHERE o.case_id = c.id AND o.code IN ('D01', 'D05')) AS receipts
FROM cases c JOIN organisations d ON d.id = c.department_id
LEFT JOIN clocks k ON k.case_id = c.id AND k.kind = 'handover'
WHERE c.hall_id = $1 AND c.closed_at >= $2 AND c.closed_at < $3 AND c.parent_id IS NULL
  AND (c.void_proposer_id IS NULL OR NOT EXISTS (SELECT FROM events v WHERE v.case_id = c.id AND v.name = 'case:void'))
  AND (c.closed_at, c.id) > ($4, $5)
ORDER BY c.closed_at, c.id LIMIT $6
"""


async def ended(
    connection: Connection,
    hall: UUID,
    since: datetime,
    until: datetime,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[dict[str, Any]]:
    """A page of the cases of a hall that ended from one moment up to another (UTC), the earliest first; no void ones.

    ``lines``: line, declared sheets, pages of its scans as they stand now.

    :param after: ``closed_at`` and ``id`` of the last row of the page before.
    """
    return [dict(row) for row in await connection.fetch(_ENDED, hall, since, until, *after, limit)]
