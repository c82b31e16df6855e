"""For whom an agent on the staff acts: the principals of their mandates, with what is open for each."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from storage.db import reading

_PAGE: Final = """
SELECT m.principal_id AS id, (array_agg(m.principal ORDER BY m.id DESC))[1] AS principal,
  jsonb_agg(jsonb_build_object('id', m.id, 'number', m.number, 'matter', m.matter, 'until_on', m.until_on,
    'evidenced', m.evidence_id IS NOT NULL) ORDER BY m.until_on, m.id) AS mandates,
  min(m.until_on) AS first_end
FROM mandates m WHERE m.agent_id = $1 AND m.revoked_at IS NULL AND m.until_on >= $2
GROUP BY m.principal_id ORDER BY min(m.until_on), m.principal_id LIMIT $3
"""


async def of_agent(agent: UUID, day: date, limit: int) -> list[dict[str, Any]]:
    """The principals of an agent's mandates that stand on a hall day, whose mandate ends first before the others.

    :returns: ``principal`` (masked), ``mandates`` with number, matter and end.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_PAGE, agent, day, limit)]


_OPEN: Final = """
SELECT x.party_id, x.number, x.item_name, x.item_name_en, x.state, x.holder, x.due_at, x.flow, x.flow_version
FROM cases x WHERE x.closed_at IS NULL AND x.party_id = ANY($2::uuid[]) AND EXISTS (
  SELECT FROM mandates m WHERE m.agent_id = $1 AND m.principal_id = x.party_id AND m.evidence_id IS NOT NULL
    AND m.revoked_at IS NULL AND x.item_code = ANY(m.items) AND m.case_number IN ('', x.number)
    AND m.until_on >= (x.opened_at AT TIME ZONE 'UTC')::date)
  AND x.hall_id = ANY($3::uuid[])
ORDER BY x.due_at NULLS LAST, x.id LIMIT 500
"""


async def open_cases(agent: UUID, principals: list[UUID], halls: list[UUID]) -> list[dict[str, Any]]:
    """The open cases of these principals in these halls that the agent's mandates cover, the most urgent first."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_OPEN, agent, principals, halls)]
