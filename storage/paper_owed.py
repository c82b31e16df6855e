"""Originals that a hall has to hand back (待退原件): of cases that are over, wherever the originals are."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from storage.db import reading

_OWED: Final = """
SELECT u.id, c.number AS "case", c.item_name, c.item_name_en, c.state, c.closed_at,
  u.due_on, u.due_at,
  (SELECT sum(m.originals) FROM case_materials m WHERE m.case_id = c.id)
    - coalesce((SELECT sum(h.originals) FROM paper_holdings h WHERE h.case_id = c.id
                AND h.place IN ('applicant:', 'lost:')), 0) AS originals,
  coalesce((SELECT sum(h.originals) FROM paper_holdings h WHERE h.case_id = c.id
            AND (h.place LIKE 'department:%' OR h.place LIKE 'batch:%')), 0) AS elsewhere
FROM duties u JOIN cases c ON c.id = u.case_id
WHERE u.kind = 'originals_return' AND u.done_at IS NULL AND c.hall_id = $1 AND (u.due_at, u.id) > ($2, $3)
ORDER BY u.due_at, u.id LIMIT $4
"""


async def owed(hall: UUID, after: tuple[datetime, UUID], limit: int) -> list[dict[str, Any]]:
    """A page of what a hall owes, the first due first: how many originals, and how many of them are not in the hall.

    :param after: ``due_at`` and ``id`` of the last row of the page before.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_OWED, hall, *after, limit)]
