"""The lists that people work from: cases by organisation or owner, those served first before the most urgent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from storage.db import reading

LISTED: Final = (
    "c.number, c.item_code, c.item_name, c.item_name_en, c.state, c.holder, c.flags, c.version, c.applicant,"
    " c.channel, c.opened_at, c.received_at, c.accepted_at, c.closed_at, c.due_at, c.flow, c.flow_version,"
    " c.department_id, c.id, c.priority, c.rank, coalesce(c.due_at, 'infinity'::timestamptz) AS urgency,"
    " c.red_at, c.yellow_at, c.amber_at, c.handler_id, c.owner_id"
)
"""What a list shows of a case ``c``."""
_ASKED: Final = (
    "c.rank <= $11 AND ($5::text IS NULL OR c.item_code = $5) AND ($6::timestamptz IS NULL OR c.due_at < $6)"
    " AND (c.rank, coalesce(c.due_at, 'infinity'::timestamptz), c.id) > ($7::int, $8::text::timestamptz, $9::uuid)"
)
_LEVEL: Final = "CASE WHEN c.red_at < {now} THEN 3 WHEN c.yellow_at <= {now} THEN 2 ELSE 1 END"
"""How a case that warns stands: 3 red, 2 yellow, 1 amber; as on the board of warnings."""
_WARNS: Final = "c.amber_at > '-infinity' AND c.amber_at <= {now} AND c.state <> 'NEW'"
"""What the index of warnings holds. Bounded on both sides, so that even without the moment it is seen to be little."""
_STANDS: Final = f" AND {_WARNS.format(now='$12')} AND {_LEVEL.format(now='$12::timestamptz')} = $13::int"
_DUE: Final = " AND coalesce(c.due_at, 'infinity'::timestamptz) < $6"
"""Said again in the words of the lists' indexes, which then need not look at what is due later."""
_FIRST: Final = " ORDER BY c.rank, coalesce(c.due_at, 'infinity'::timestamptz), c.id LIMIT $10"
SHOWN: Final = """
SELECT found.*, urgency::text AS urgency, d.name AS department_name, d.name_en AS department_name_en,
  p.name AS person_name,
  (SELECT min(k.kind) FROM clocks k WHERE k.case_id = found.id AND k.running AND k.due_at = found.due_at) AS due_kind,
  coalesce((SELECT e.at FROM events e WHERE e.case_id = found.id AND e.from_state <> e.to_state
    ORDER BY e.seq DESC LIMIT 1), found.opened_at) AS since
FROM ({cases}) found JOIN organisations d ON d.id = found.department_id
LEFT JOIN people p
  ON p.id = CASE WHEN found.holder IN ('department', 'third_party') THEN found.handler_id ELSE found.owner_id END
ORDER BY found.rank, found.urgency, found.id
"""
"""A page of ``{cases}`` with names: who holds each (``person_name``), since when, and the limit that ends first."""


class Standing(NamedTuple):
    """Only cases that stand so at a moment (UTC). :param level: 3 red, 2 yellow, 1 amber."""

    now: datetime
    level: int


def filters(standing: Standing | None, due_before: datetime | None) -> str:
    """The conditions of every list, its order and its end; parameters $5 to $11, and $12 and $13 of ``standing``."""
    return _ASKED + (_DUE if due_before else "") + (_STANDS if standing else "") + _FIRST


_PAGE: Final = SHOWN.format(
    cases=f"""
  SELECT DISTINCT ON (rank, urgency, id) * FROM (
    (SELECT one.* FROM unnest($1::uuid[]) AS h(id) CROSS JOIN LATERAL (
      SELECT {LISTED} FROM cases c
      WHERE c.hall_id = h.id AND ($3::text[] IS NULL OR c.state = ANY($3)) AND {{filters}}) one)
    UNION ALL
    (SELECT one.* FROM unnest($2::uuid[]) AS d(id) CROSS JOIN LATERAL (
      SELECT {LISTED} FROM cases c
      WHERE c.department_id = d.id AND c.state <> 'NEW' AND ($4::text[] IS NULL OR c.state = ANY($4)) AND {{filters}})
      one)
  ) both_ways ORDER BY rank, urgency, id LIMIT $10
"""  # noqa: S608  # constants of this module
)


async def page(
    *,
    halls: list[UUID],
    departments: list[UUID],
    hall_states: list[str] | None = None,
    department_states: list[str] | None = None,
    item: str | None = None,
    due_before: datetime | None = None,
    priority: bool = False,
    standing: Standing | None = None,
    after: tuple[int, str, UUID],
    limit: int,
) -> list[dict[str, Any]]:
    """A page of the cases of these halls and of those routed to these departments.

    Those whom the law serves first come first, then the most urgent.

    Each organisation is read through its own index for no more than ``limit`` rows, however many cases there are.

    :param priority: only those whom the law serves first. :param standing: only those that stand so.
    :param after: ``rank``, ``urgency`` (a moment as text, may be ``infinity``) and ``id`` of the last row before it.
    """
    last_rank = 0 if priority else 1
    asked = (halls, departments, hall_states, department_states, item, due_before, *after, limit, last_rank)
    async with reading() as connection:
        rows = await connection.fetch(_PAGE.format(filters=filters(standing, due_before)), *asked, *(standing or ()))
    return [dict(row) for row in rows]


_OWNED: Final = SHOWN.format(
    cases=f"""
  SELECT {LISTED} FROM cases c
  WHERE c.owner_id = $3 AND c.closed_at IS NULL
    AND (c.hall_id = ANY($1) OR (c.department_id = ANY($2) AND c.state <> 'NEW'))
    AND ($4::text[] IS NULL OR c.state = ANY($4)) AND {{filters}}
"""  # noqa: S608  # constants of this module
)


async def owned(
    owner: UUID,
    *,
    halls: list[UUID],
    departments: list[UUID],
    states: list[str] | None = None,
    item: str | None = None,
    due_before: datetime | None = None,
    priority: bool = False,
    standing: Standing | None = None,
    after: tuple[int, str, UUID],
    limit: int,
) -> list[dict[str, Any]]:
    """A page of the open cases for which somebody answers to the applicant (首问负责); otherwise as :func:`page`."""
    last_rank = 0 if priority else 1
    asked = (halls, departments, owner, states, item, due_before, *after, limit, last_rank)
    async with reading() as connection:
        rows = await connection.fetch(_OWNED.format(filters=filters(standing, due_before)), *asked, *(standing or ()))
    return [dict(row) for row in rows]


MOST_COUNTED: Final = 1000
"""How many cases that warn are counted; a queue that holds more says so."""
_WARNING: Final = f"""
SELECT id, level FROM (
  (SELECT c.id, {_LEVEL.format(now="$5::timestamptz")} AS level FROM cases c
   WHERE c.hall_id = ANY($1) AND {_WARNS.format(now="$5")} AND c.state = ANY($3) LIMIT $6)
  UNION
  (SELECT c.id, {_LEVEL.format(now="$5::timestamptz")} AS level FROM cases c
   WHERE c.department_id = ANY($2) AND {_WARNS.format(now="$5")} AND c.state = ANY($4) LIMIT $6)
) both_ways LIMIT $6
"""  # noqa: S608  # constants of this module


async def warning(
    *, halls: list[UUID], departments: list[UUID], hall_states: list[str], department_states: list[str], now: datetime
) -> dict[UUID, int]:
    """The cases of a queue that warn at a moment (UTC), with how they stand; at most :data:`MOST_COUNTED`."""
    async with reading() as connection:
        rows = await connection.fetch(_WARNING, halls, departments, hall_states, department_states, now, MOST_COUNTED)
    return {row["id"]: row["level"] for row in rows}
