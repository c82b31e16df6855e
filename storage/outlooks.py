"""What the warning board reads: cases by how they stand and will stand, and what people owe beside their limits.

A number and the list behind it ask with the same words, so that they agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from storage.db import Connection
from workflows.warning import Outlook

When = Literal["now", "today", "next_day"]
"""Stands so now; comes to stand so on this hall day, or from then on by the end of the next working day."""
Pressing = Literal["open", "overdue", "today", "next_day"]
"""Owed at all; its moment has passed; it is still to pass this hall day, or by the end of the next working day."""


class Reach(NamedTuple):
    """Whose cases are asked about: those of some halls, and those routed to some departments."""

    halls: list[UUID]
    departments: list[UUID]


class Narrowed(NamedTuple):
    """Only what one department has, and what one person holds; None for all. ``unheld``: only what nobody holds."""

    department: UUID | None = None
    person: UUID | None = None
    unheld: bool = False


_SEEN: Final = "(c.hall_id = ANY($1) OR (c.department_id = ANY($2) AND c.state <> 'NEW'))"
_HOLDS: Final = "CASE WHEN c.holder IN ('department', 'third_party') THEN c.handler_id ELSE c.owner_id END"
"""Who holds a case: the officer while a department or a third party has it, else who answers to the applicant."""


def _level(moment: str, up_to: str) -> str:
    """How a case stands at a moment: 3 red, 2 yellow, 1 amber, 0 green.

    :param up_to: ``<=`` where what begins at the moment counts, else ``<``.
    """
    return (
        f"CASE WHEN c.red_at < {moment} THEN 3 WHEN c.yellow_at {up_to} {moment} THEN 2"
        f" WHEN c.amber_at {up_to} {moment} THEN 1 ELSE 0 END"
    )


_STANDING: Final = f"""
SELECT c.id, c.red_at, c.department_id, {_HOLDS} AS person_id, {_level("$3::timestamptz", "<=")} AS now,
  {_level("$4::timestamptz", "<")} AS before, {_level("$5::timestamptz", "<")} AS today,
  {_level("$6::timestamptz", "<")} AS next_day
FROM cases c WHERE (c.hall_id = ANY($1) OR c.department_id = ANY($2)) AND c.amber_at > '-infinity' AND c.amber_at < $6
  AND c.state <> 'NEW'
"""  # noqa: S608  # constants of this module
_COUNTS: Final = f"""
SELECT d.code AS department, d.name AS department_name, d.name_en AS department_name_en, p.login AS person,
  p.name AS person_name, g.now, g.before, g.today, g.next_day, g.cases
FROM (SELECT department_id, person_id, now, before, today, next_day, count(*) AS cases FROM ({_STANDING}) s
  GROUP BY 1, 2, 3, 4, 5, 6) g
JOIN organisations d ON d.id = g.department_id LEFT JOIN people p ON p.id = g.person_id
ORDER BY d.code, p.login
"""  # noqa: S608  # constants of this module


async def counts(connection: Connection, reach: Reach, ahead: Outlook) -> list[dict[str, Any]]:
    """How many cases stand how, by department and by who holds them.

    ``now``, ``before`` (the day begins), ``today`` and ``next_day`` (they end) are ranks: 3 red, 2 yellow, 1 amber, 0
    green; ``person`` is None for cases that nobody holds yet.
    """
    rows = await connection.fetch(_COUNTS, *reach, ahead.now, ahead.today, ahead.tomorrow, ahead.end)
    return [dict(row) for row in rows]


_CHOSEN: Final[Mapping[When, str]] = MappingProxyType(
    {
        "now": "s.now = $7",
        "today": "s.today = $7 AND s.before < $7",
        "next_day": "s.next_day = $7 AND s.today < $7",
    }
)
_WARNED: Final = f"""
SELECT c.id, c.number AS "case", c.item_name, c.item_name_en, c.flow, c.state, c.holder, c.red_at,
  f.now AS rank,
  d.code AS department, d.name AS department_name, d.name_en AS department_name_en, p.login AS person,
  p.name AS person_name,
  (SELECT min(k.kind) FROM clocks k WHERE k.case_id = c.id AND k.running AND k.due_at = c.red_at) AS clock
FROM (
  SELECT s.* FROM ({_STANDING}) s
  WHERE {{chosen}} AND ($8::uuid IS NULL OR s.department_id = $8) AND ($9::uuid IS NULL OR s.person_id = $9)
    AND (NOT $10::boolean OR s.person_id IS NULL) AND (s.red_at, s.id) > ($11, $12)
  ORDER BY s.red_at, s.id LIMIT $13
) f JOIN cases c ON c.id = f.id JOIN organisations d ON d.id = f.department_id LEFT JOIN people p ON p.id = f.person_id
ORDER BY f.red_at, f.id
"""  # noqa: S608  # constants of this module


async def warned(
    connection: Connection,
    reach: Reach,
    ahead: Outlook,
    rank: int,
    when: When,
    narrowed: Narrowed,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[dict[str, Any]]:
    """A page of the cases that stand so, or come to, the most pressing first; ``clock`` is the limit that ends first.

    :param rank: as for :func:`counts`. :param after: ``red_at`` and ``id`` of the last row of the page before.
    """
    rows = await connection.fetch(
        _WARNED.format(chosen=_CHOSEN[when]),
        *reach, ahead.now, ahead.today, ahead.tomorrow, ahead.end, rank, *narrowed, *after, limit,
    )  # fmt: skip
    return [dict(row) for row in rows]


DUTIES: Final = ("supervision_reply", "overdue_explanation", "rater_contact", "rectification", "rater_follow_up")
"""Duties on a case that the board shows."""
OWED: Final = (*DUTIES, "card_appeal", "impasse_contact", "impasse_solution")
"""Everything owed that the board shows, in its order."""
_OWED: Final = f"""
SELECT u.id, u.kind, '' AS ticket, u.opened_at, u.due_at, c.number AS "case", c.department_id
FROM duties u JOIN cases c ON c.id = u.case_id
WHERE u.done_at IS NULL AND u.kind IN ({", ".join(f"'{kind}'" for kind in DUTIES)}) AND {_SEEN}
UNION ALL
SELECT k.id, 'card_appeal', k.number, k.appealed_at, NULL, c.number, c.department_id
FROM cards k JOIN cases c ON c.id = k.case_id WHERE k.state = 'appealed' AND {_SEEN}
UNION ALL
SELECT i.id, w.kind, i.number, i.registered_at, w.due_at, c.number, i.assigned_to
FROM impasses i LEFT JOIN cases c ON c.id = i.case_id
CROSS JOIN LATERAL (VALUES
  ('impasse_contact', i.contacted_at,
    coalesce(i.contact_overdue_at, (i.contact_due_on + time '23:59:59') AT TIME ZONE $3)),
  ('impasse_solution', i.solved_at, i.due_at)) w (kind, done_at, due_at)
WHERE i.closed_at IS NULL AND w.done_at IS NULL AND (i.hall_id = ANY($1) OR i.assigned_to = ANY($2))
"""  # noqa: S608  # constants of this module
_PRESSED: Final = f"""
SELECT o.*, d.code AS department, d.name AS department_name, d.name_en AS department_name_en,
  coalesce(o.due_at, o.opened_at) AS at, CASE WHEN o.due_at < $4 THEN 'overdue' WHEN o.due_at < $5 THEN 'today'
    WHEN o.due_at < $6 THEN 'next_day' ELSE 'later' END AS pressing
FROM ({_OWED}) o LEFT JOIN organisations d ON d.id = o.department_id
"""  # noqa: S608  # constants of this module
_OWED_COUNTS: Final = f"""
SELECT kind, department, department_name, department_name_en, count(*) AS open,
  count(*) FILTER (WHERE pressing = 'overdue') AS overdue, count(*) FILTER (WHERE pressing = 'today') AS today,
  count(*) FILTER (WHERE pressing = 'next_day') AS next_day
FROM ({_PRESSED}) p GROUP BY 1, 2, 3, 4 ORDER BY 2
"""  # noqa: S608  # constants of this module


async def owed_counts(connection: Connection, reach: Reach, ahead: Outlook, zone: str) -> list[dict[str, Any]]:
    """How much is owed, by kind and department: ``open``, ``overdue``, ``today``, ``next_day``.

    :param zone: the hall's, in which a day ends.
    """
    rows = await connection.fetch(_OWED_COUNTS, *reach, zone, ahead.now, ahead.tomorrow, ahead.end)
    return [dict(row) for row in rows]


_OWED_PAGE: Final = f"""
SELECT * FROM ({_PRESSED}) p
WHERE kind = $7 AND ($8 = 'open' OR pressing = $8) AND ($9::uuid IS NULL OR department_id = $9)
  AND (at, id) > ($10, $11)
ORDER BY at, id LIMIT $12
"""  # noqa: S608  # constants of this module


async def owed(
    connection: Connection,
    reach: Reach,
    ahead: Outlook,
    zone: str,
    kind: str,
    pressing: Pressing,
    department: UUID | None,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[dict[str, Any]]:
    """A page of what is owed of one kind, the most pressing first; what has no day (appeals) by when it was opened.

    :param after: ``at`` and ``id`` of the last row of the page before.
    """
    rows = await connection.fetch(
        _OWED_PAGE, *reach, zone, ahead.now, ahead.tomorrow, ahead.end, kind, pressing, department, *after,
        limit,
    )  # fmt: skip
    return [dict(row) for row in rows]
