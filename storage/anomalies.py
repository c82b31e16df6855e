"""The lists of what looks wrong, out of the trail and the access log; the rules are in :mod:`workflows.anomaly`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from storage.db import reading
from workflows.anomaly import Anomaly


class Asked(NamedTuple):
    """What a list is of. :param since: UTC, included. :param until: UTC, not included.

    :param after: moment and key of the last row of the page before. :param person: only what this person did.
    """

    halls: list[UUID]
    since: datetime
    until: datetime
    after: tuple[datetime, UUID]
    limit: int
    person: UUID | None


_SHOWN: Final = """
SELECT e.id, e.at, c.number AS "case", e.seq, e.name, e.actor_name, e.role, c.item_name, c.item_name_en,
  d.name AS department_name, d.name_en AS department_name_en, e.flow, e.flow_version, {detail} AS detail
"""
_EVENTS: Final = "FROM events e JOIN cases c ON c.id = e.case_id JOIN organisations d ON d.id = c.department_id\n"
_WITHIN: Final = """
WHERE c.hall_id = ANY($1) AND e.at >= $2 AND e.at < $3 AND (e.at, e.id) < ($4, $5)
  AND ($7::uuid IS NULL OR $7 IN (e.actor, e.acting_for)) AND {condition}
ORDER BY e.at DESC, e.id DESC LIMIT $6
"""
_EARLIER: Final = """CROSS JOIN LATERAL (
  SELECT s.* FROM events s WHERE s.case_id = e.case_id AND s.seq < e.seq AND {earlier} ORDER BY s.seq DESC LIMIT 1) s
"""


def _of_events(detail: str, condition: str, joined: str = "") -> str:
    return _SHOWN.format(detail=detail) + _EVENTS + joined + _WITHIN.format(condition=condition)


_LOOKS: Final = """
SELECT a.id, a.at, c.number AS "case", NULL::int AS seq, 'access:' || a.action AS name,
  coalesce(p.name, '') AS actor_name, '' AS role, c.item_name, c.item_name_en, d.name AS department_name,
  d.name_en AS department_name_en, c.flow, c.flow_version, jsonb_build_object('purpose', a.body::jsonb->>'purpose')
  AS detail
FROM access_log a JOIN cases c ON c.number = a.subject JOIN organisations d ON d.id = c.department_id
LEFT JOIN people p ON p.id = a.actor
WHERE c.hall_id = ANY($1) AND a.at >= $2 AND a.at < $3 AND (a.at, a.id) < ($4, $5)
  AND ($7::uuid IS NULL OR a.actor = $7) AND {condition}
ORDER BY a.at DESC, a.id DESC LIMIT $6
"""
_SAME: Final = "ARRAY[s.actor, s.acting_for] && ARRAY[e.actor, e.acting_for]"
_BURSTS: Final = """
WITH acts AS MATERIALIZED (
  SELECT e.*, lag(e.at, $8::int - 1) OVER ordered AS first_at
  FROM events e JOIN cases c ON c.id = e.case_id
  WHERE c.hall_id = ANY($1) AND e.at >= $2 AND e.at < $3 AND e.actor IS NOT NULL AND starts_with(e.name, 'case:')
    AND ($7::uuid IS NULL OR $7 IN (e.actor, e.acting_for))
  WINDOW ordered AS (PARTITION BY e.actor ORDER BY e.at, e.id)
), marked AS MATERIALIZED (
  SELECT a.*, a.at - a.first_at <= $9 AS full,
    coalesce(lag(a.at - a.first_at <= $9) OVER (PARTITION BY a.actor ORDER BY a.at, a.id), false) AS full_before
  FROM acts a
)
"""
_OPENING: Final = """
WITH opening AS MATERIALIZED (
  SELECT o.hall, o.open::tstzmultirange AS open FROM unnest($8::uuid[], $9::text[]) AS o(hall, open))
"""
_STATEMENTS: Final[Mapping[Anomaly, str]] = {
    Anomaly.same_minute: _of_events(
        "jsonb_build_object('seconds', round(extract(epoch FROM e.at - s.at))::int, 'by', s.actor_name, 'seq', s.seq)",
        "e.name = ANY($8) AND e.at - s.at < $9",
        _EARLIER.format(earlier="s.name = 'case:submit_review'"),
    ),
    Anomaly.night_acts: _OPENING
    + _of_events(
        "'{}'::jsonb",
        "e.actor IS NOT NULL AND NOT e.at <@ o.open",
        "JOIN opening o ON o.hall = c.hall_id\n",
    ),
    Anomaly.backdated_claims: _of_events(
        "jsonb_build_object('claimed_at', e.claimed_at,"
        " 'minutes', round(abs(extract(epoch FROM e.at - e.claimed_at)) / 60)::int)",
        "e.claimed_at IS NOT NULL AND abs(extract(epoch FROM e.at - e.claimed_at)) >= extract(epoch FROM $8::interval)",
    ),
    Anomaly.unmasked_without_act: _LOOKS.format(
        condition="starts_with(a.action, 'unmask.') AND NOT EXISTS (SELECT FROM events e WHERE e.case_id = c.id"
        " AND a.actor IN (e.actor, e.acting_for) AND e.at BETWEEN a.at - $8::interval AND a.at + $8::interval)"
    ),
    Anomaly.both_roles: _of_events(
        "jsonb_build_object('earlier', s.name, 'seq', s.seq, 'as', s.role)",
        "(e.name = ANY($8) OR c.mandate_id IS NOT NULL)",
        _EARLIER.format(
            earlier=f"{_SAME} AND ((e.name = ANY($8) AND s.name = ANY($9)) OR ((e.role = 'agent') <> (s.role = 'agent')"
            " AND starts_with(e.name, 'case:') AND starts_with(s.name, 'case:')))"
        ),
    ),
    Anomaly.refused_attempts: _LOOKS.format(condition="a.action = 'refused'"),
    Anomaly.bursts: _BURSTS
    + _of_events("jsonb_build_object('since', e.first_at, 'acts', $8::int)", "e.full AND NOT e.full_before").replace(
        "FROM events e", "FROM marked e"
    ),
}


async def page(name: Anomaly, asked: Asked, limits: Iterable[Any]) -> list[dict[str, Any]]:
    """A page of one list, the newest first: the event, who did it, and under ``detail`` what is odd about it.

    :param limits: the values that the list compares with, in the order of its statement.
    """
    async with reading() as connection:
        rows = await connection.fetch(
            _STATEMENTS[name], asked.halls, asked.since, asked.until, *asked.after, asked.limit, asked.person, *limits
        )
    return [dict(row) for row in rows]
