"""The trails that say why a case breaks the rules of the one-time notice."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from storage.db import reading

_TRAILS: Final = """
SELECT e.case_id, c.number AS "case", e.seq, e.name, e.at, e.actor, e.actor_name, e.role, e.organisation, e.window,
  e.from_state, e.to_state, e.data, e.clocks
FROM cases c JOIN events e ON e.case_id = c.id
WHERE c.number = ANY($1::text[]) AND ($2::timestamptz IS NULL OR (e.at <= $2 AND NOT EXISTS (
  SELECT FROM late_events l WHERE l.event_id = e.id AND l.known_at > $2)))
ORDER BY c.number, e.seq
"""


async def items_of(numbers: list[str]) -> dict[str, UUID]:
    """The item versions that these cases are pinned to, by their numbers."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT number, item_id FROM cases WHERE number = ANY($1::text[])", numbers)
    return {row["number"]: row["item_id"] for row in rows}


async def trails(numbers: list[str], moment: datetime | None = None) -> dict[str, tuple[UUID, list[dict[str, Any]]]]:
    """Every event of these cases in order, with the key of the case, by its number.

    :param moment: only what was known then (UTC); None for everything.
    """
    async with reading() as connection:
        rows = await connection.fetch(_TRAILS, numbers, moment)
    found: dict[str, tuple[UUID, list[dict[str, Any]]]] = {}
    for row in rows:
        _, trail = found.setdefault(row["case"], (row["case_id"], []))
        if row["seq"] == len(trail) + 1:  # behind an event that was not known then, nothing was
            trail.append(dict(row))
    return found
