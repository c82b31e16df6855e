"""What waits in departments: counted by state and item, by officer, and cases named by their numbers."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from storage.db import reading
from storage.queues import LISTED, SHOWN

MOST_COUNTED: Final = 1000
"""How many cases of a department in one state are counted."""
_WAITING: Final = """
SELECT c.state, c.item_code, count(*) AS cases, min(c.item_name) AS item_name, min(c.item_name_en) AS item_name_en
FROM unnest($1::uuid[]) AS d(id) CROSS JOIN unnest($2::text[]) AS s(state) CROSS JOIN LATERAL (
  SELECT o.state, o.item_code, o.item_name, o.item_name_en FROM cases o
  WHERE o.department_id = d.id AND o.state = s.state AND o.closed_at IS NULL LIMIT $3) c
GROUP BY c.state, c.item_code ORDER BY c.item_code, c.state
"""


async def waiting(departments: list[UUID], states: list[str]) -> list[dict[str, Any]]:
    """How many open cases of these departments stand in these states, by state and item.

    At most :data:`MOST_COUNTED` are counted of one department in one state.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_WAITING, departments, states, MOST_COUNTED)]


_STAFF: Final = """
SELECT p.login, p.name, count(c.*) AS cases
FROM people p LEFT JOIN LATERAL (
  SELECT o.id FROM cases o
  WHERE o.handler_id = p.id AND o.department_id = ANY($1::uuid[]) AND o.state = ANY($3) AND o.closed_at IS NULL) c
  ON true
WHERE p.active AND EXISTS (SELECT FROM role_grants g JOIN organisations o ON o.id = g.organisation_id
  WHERE g.person_id = p.id AND g.role = $2 AND o.id = ANY($1::uuid[]))
GROUP BY p.id ORDER BY cases, p.name, p.login LIMIT 200
"""


async def staff(departments: list[UUID], role: str, states: list[str]) -> list[dict[str, Any]]:
    """Who holds a role in these departments: login, name, and how many cases in these states they handle.

    Those with the fewest come first; at most 200 people.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_STAFF, departments, role, states)]


_NAMED: Final = SHOWN.format(
    cases=f"""
  SELECT {LISTED} FROM cases c
  WHERE c.number = ANY($1::text[])
    AND (c.hall_id = ANY($2::uuid[]) OR (c.department_id = ANY($3::uuid[]) AND c.state <> 'NEW'))
"""  # noqa: S608  # constants of these modules
)


async def named(numbers: list[str], halls: list[UUID], departments: list[UUID]) -> list[dict[str, Any]]:
    """The cases of these numbers that are in these halls or were routed to these departments, the most urgent first."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_NAMED, numbers, halls, departments)]
