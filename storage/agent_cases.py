"""The cases that an agent on the staff follows for their principals."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from storage.db import reading
from storage.queues import LISTED, SHOWN, Standing, filters

_PAGE = SHOWN.format(
    cases=f"""
  SELECT {LISTED} FROM cases c
  WHERE c.hall_id = ANY($1::uuid[]) AND c.id IN (
      SELECT x.id FROM mandates m JOIN cases x ON x.party_id = m.principal_id
      WHERE m.agent_id = $2 AND m.evidence_id IS NOT NULL AND x.item_code = ANY(m.items)
        AND m.case_number IN ('', x.number) AND m.until_on >= (x.opened_at AT TIME ZONE 'UTC')::date
        AND (m.revoked_at IS NULL OR (m.revoked_at >= x.opened_at AND x.mandate_id = m.id)))
    AND ($3::text[] IS NULL OR c.state = ANY($3)) AND (NOT $4::boolean OR c.closed_at IS NULL) AND {{filters}}
"""  # noqa: S608  # constants of this module and another
)


async def page(
    agent: UUID,
    *,
    halls: list[UUID],
    states: list[str] | None = None,
    item: str | None = None,
    due_before: datetime | None = None,
    priority: bool = False,
    open_only: bool = False,
    standing: Standing | None = None,
    after: tuple[int, str, UUID],
    limit: int,
) -> list[dict[str, Any]]:
    """A page of the cases of an agent's principals, as far as their mandates go; otherwise as for every list of cases.

    The same cases as :func:`workflows.mandate.agents_in_sight` lets the agent see.
    """
    last_rank = 0 if priority else 1
    asked = (halls, agent, states, open_only, item, due_before, *after, limit, last_rank)
    async with reading() as connection:
        rows = await connection.fetch(_PAGE.format(filters=filters(standing, due_before)), *asked, *(standing or ()))
    return [dict(row) for row in rows]
