"""What the issue counter looks through: codes that open a shelf, everything of one applicant, parcels on their way."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from storage.db import reading

_CODES: Final = """
SELECT c.number, p.code_index FROM custody_stays s JOIN cases c ON c.id = s.case_id
JOIN pickup_codes p ON p.case_id = s.case_id AND p.ended_at IS NULL
WHERE s.hall_id = $1 AND s.out_at IS NULL AND (p.locked_until IS NULL OR p.locked_until <= $2)
"""


async def open_codes(hall: UUID, now: datetime) -> list[tuple[str, bytes]]:
    """The cases that wait in a hall, each with the keyed digest of its code; without those that are locked.

    :param now: UTC.
    """
    async with reading() as connection:
        return [(row["number"], row["code_index"]) for row in await connection.fetch(_CODES, hall, now)]


_OF_PARTY: Final = """
SELECT c.number, c.flow, c.state, c.version, c.item_name, c.item_name_en, c.due_at, c.query_code, s.shelf, s.in_at,
  t.carrier, t.waybill, s.id IS NOT NULL AS on_shelf
FROM cases c
LEFT JOIN custody_stays s ON s.case_id = c.id AND s.out_at IS NULL
LEFT JOIN postings t ON t.case_id = c.id AND t.state = 'sent'
WHERE c.party_id = $1 AND c.hall_id = $2 AND c.parent_id IS NULL
  AND (s.id IS NOT NULL OR c.closed_at IS NULL OR c.state = ANY($3))
ORDER BY s.in_at, c.opened_at, c.id LIMIT $4
"""


async def of_party(party: UUID, hall: UUID, states: list[str], limit: int) -> list[dict[str, Any]]:
    """What a party waits for in one hall: on the shelf, on its way, or not decided yet; what lies longest first.

    :param states: decided, and not with the applicant yet.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_OF_PARTY, party, hall, states, limit)]


_UNDER_WAY: Final = """
SELECT t.waybill, t.carrier, min(t.sent_at) AS sent_at, array_agg(c.number ORDER BY t.line) AS cases,
  bool_or(t.order_id IS NOT NULL) AS ordered
FROM postings t JOIN cases c ON c.id = t.case_id
WHERE t.state = 'sent' AND c.hall_id = $1 GROUP BY t.waybill, t.carrier
HAVING (min(t.sent_at), t.waybill) > ($2, $3) ORDER BY min(t.sent_at), t.waybill LIMIT $4
"""


async def under_way(hall: UUID, after: tuple[datetime, str], limit: int) -> list[dict[str, Any]]:
    """A page of a hall's parcels that nobody has signed for, what left first comes first.

    :param after: ``sent_at`` (UTC) and ``waybill`` of the last row of the page before.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_UNDER_WAY, hall, *after, limit)]


_PARCEL: Final = """
SELECT c.number, c.item_name, c.item_name_en, t.carrier, t.waybill, t.sent_at, t.state, h.path AS hall_path,
  d.path AS department_path, h.name AS hall_name, h.name_en AS hall_name_en,
  (SELECT jsonb_agg(x.number ORDER BY x.seq) FROM documents x
    WHERE x.case_id = c.id AND x.code = ANY($2)) AS documents
FROM postings t JOIN cases c ON c.id = t.case_id JOIN organisations h ON h.id = c.hall_id
JOIN organisations d ON d.id = c.department_id
WHERE t.waybill = $1 ORDER BY t.line
"""


async def packed(waybill: str, codes: list[str]) -> list[dict[str, Any]]:
    """The cases of one parcel, each with the numbers of its documents of these kinds."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_PARCEL, waybill, codes)]
