"""What the facts of a hall show of its window's work in a month: cases in doubt, notices, posts, and lists to look at.

The conditions here only narrow down what is read; :mod:`workflows.assessment_checks` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from storage.db import Connection, reading


@dataclass(frozen=True, slots=True)
class Span:
    """A month of a hall: its key, the first day and the first one after it, the same as moments (UTC), its zone."""

    hall: UUID
    first: date
    end: date
    since: datetime
    before: datetime
    zone: str

    @property
    def days(self) -> tuple[UUID, date, date]:
        """Hall and days."""
        return self.hall, self.first, self.end


_CASES: Final = """
SELECT f.case_id, f.number, f.received_on, f.accepted_on, f.closed_on, f.delivered_on, f.delivered_way,
  (f.deemed_at AT TIME ZONE $6)::date AS deemed_on, f.escalations, f.receipt_given, f.acceptance_given,
  f.service_proven, f.delivery_in_time, f.lines_on_paper, f.lines_scanned, f.handover_in_time,
  f.rating_invited_at IS NOT NULL AS rating_invited, f.rating, f.rating_set_aside, f.contact_due_on,
  f.contact_in_time, f.rectify_due_on, f.rectified_in_time, (t.signed_at AT TIME ZONE $6)::date AS handed_over_on,
  (t.upheld_at AT TIME ZONE $6)::date AS upheld_on, t.seqs
FROM case_facts f CROSS JOIN LATERAL (
  SELECT max(e.last) FILTER (WHERE e.name = 'case:sign_in') AS signed_at,
    max(e.last) FILTER (WHERE e.name = 'rating:upheld') AS upheld_at, jsonb_object_agg(e.name, e.seq) AS seqs
  FROM (SELECT name, max(seq) AS seq, max(at) AS last FROM events WHERE case_id = f.case_id GROUP BY name) e
) t
WHERE f.hall = $1 AND f.counted AND f.case_id > $7 AND (
  (f.deemed_at >= $4 AND f.deemed_at < $5)
  OR (f.handover_in_time IS FALSE AND f.last_at >= $4)
  OR (f.closed_on >= $2 AND f.closed_on < $3 AND f.lines_scanned < f.lines_on_paper)
  OR (f.received_on >= $2 AND f.received_on < $3 AND NOT f.receipt_given)
  OR (f.accepted_on >= $2 AND f.accepted_on < $3 AND NOT f.acceptance_given)
  OR (f.delivered_on >= $2 AND f.delivered_on < $3
    AND (NOT f.service_proven OR f.delivery_in_time IS FALSE OR f.rating_invited_at IS NULL))
  OR (f.contact_due_on >= $2 AND f.contact_due_on < $3 AND f.contact_in_time IS NOT TRUE)
  OR (f.rectify_due_on >= $2 AND f.rectify_due_on < $3 AND f.rectified_in_time IS NOT TRUE)
  OR f.case_id IN (SELECT r.case_id FROM ratings r JOIN rating_reviews v ON v.rating_id = r.id
    WHERE v.state = 'stands' AND v.settled_at >= $4 AND v.settled_at < $5))
ORDER BY f.case_id LIMIT $8
"""


async def cases(connection: Connection, span: Span, after: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the cases of a hall in which something of a month may be wrong, by key.

    ``seqs`` is the number of the last event of each name. :param after: ``case_id`` of the last row before.
    """
    rows = await connection.fetch(_CASES, *span.days, span.since, span.before, span.zone, after, limit)
    return [dict(row) for row in rows]


_NOTICES: Final = """
SELECT c.number AS "case", n.number, n.kind, n.given_on, n.role, n.in_time, n.offending, coalesce(e.seq, 0) AS seq
FROM notice_facts n JOIN case_facts c ON c.case_id = n.case_id
LEFT JOIN LATERAL (SELECT max(e.seq) AS seq FROM events e WHERE e.case_id = n.case_id AND e.at = n.given_at
  AND e.name IN ('case:give_notice', 'case:add_notice_lines', 'case:refuse_acceptance')) e ON true
WHERE n.hall = $1 AND n.given_on >= $2 AND n.given_on < $3 AND c.counted
  AND (n.in_time IS FALSE OR cardinality(n.offending) > 0 OR n.kind = 'refusal')
ORDER BY n.case_id, n.number
"""


async def notices(connection: Connection, span: Span) -> list[dict[str, Any]]:
    """The notices of a month that were late, had lines added, or refused; with the number of their event."""
    return [dict(row) for row in await connection.fetch(_NOTICES, *span.days)]


_POSTS: Final = """
SELECT DISTINCT ON (f.receiver, f.received_on, f."window") f.receiver::text AS receiver, f.received_on,
  f."window"::text AS "window", f.number,
  coalesce((SELECT max(e.seq) FROM events e WHERE e.case_id = f.case_id AND e.name = 'case:receive'), 0) AS seq
FROM case_facts f JOIN (
  SELECT receiver, received_on FROM case_facts
  WHERE hall = $1 AND received_on >= $2 AND received_on < $3 AND receiver IS NOT NULL AND "window" IS NOT NULL
  GROUP BY receiver, received_on HAVING count(DISTINCT "window") > 1
) several USING (receiver, received_on)
WHERE f.hall = $1 AND f."window" IS NOT NULL ORDER BY f.receiver, f.received_on, f."window", f.number
"""


async def posts(connection: Connection, span: Span) -> list[dict[str, Any]]:
    """Who received at several windows on one day of a month: the first case of each window."""
    return [dict(row) for row in await connection.fetch(_POSTS, *span.days)]


_RECEIVED: Final = "f.received_on >= $2 AND f.received_on < $3"
_RATED: Final = "f.rated_at >= $4 AND f.rated_at < $5 AND NOT f.rating_set_aside"
_CLUES: Final = {
    "bad_ratings": (f"{_RATED} AND f.rating >= 4", "case:rate"),
    "best_ratings": (f"{_RATED} AND f.rating = 1", "case:rate"),
    "came_again": (f"{_RECEIVED} AND f.notices > 0 AND f.visits > 1", "case:give_notice"),
    "proxied": (f"{_RECEIVED} AND f.proxied", "case:receive"),
    "priority": (f"{_RECEIVED} AND f.priority <> ''", "case:receive"),
    "paper_not_spared": (
        f"{_RECEIVED} AND f.channel = 'window'"
        " AND EXISTS (SELECT FROM cases c JOIN case_materials m ON m.case_id = c.id"
        " JOIN item_versions v ON v.id = c.item_id, jsonb_array_elements(v.data->'materials') AS l(line)"
        " WHERE c.id = f.case_id AND m.exempt IS NULL AND l.line->>'code' = m.line AND l.line->>'e_cert' = 'true')",
        "case:receive",
    ),
}
"""For each list the condition over the facts of a case, and the event that shows it."""


async def clues(span: Span, name: str, limit: int) -> list[dict[str, Any]]:
    """The cases of one list in a month: ``case``, ``seq``, ``item``, ``rating`` and ``visits``.

    :param name: of :data:`workflows.assessment.CLUES`.
    """
    condition, event = _CLUES[name]
    query = f"""
SELECT f.number AS "case", f.item, f.rating, f.visits,
  coalesce((SELECT max(e.seq) FROM events e WHERE e.case_id = f.case_id AND e.name = $7), 0) AS seq
FROM case_facts f WHERE f.hall = $1 AND f.counted AND {condition}
  AND $2::date IS NOT NULL AND $3::date IS NOT NULL AND $4::timestamptz IS NOT NULL AND $5::timestamptz IS NOT NULL
ORDER BY f.number LIMIT $6
"""  # noqa: S608  # constants of this module
    async with reading() as connection:
        rows = await connection.fetch(query, *span.days, span.since, span.before, limit, event)
    return [dict(row) for row in rows]


async def events(hall: UUID, links: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """The events of a hall's cases that some evidence names, without what was sent with them.

    :param links: case numbers and numbers of events.
    """
    async with reading() as connection:
        rows = await connection.fetch(
            'SELECT c.number AS "case", e.seq, e.name, e.at, e.actor_name, e.role, e.from_state, e.to_state'
            " FROM unnest($2::text[], $3::int[]) AS wanted (number, seq) JOIN cases c ON c.number = wanted.number"
            " JOIN events e ON e.case_id = c.id AND e.seq = wanted.seq WHERE c.hall_id = $1 ORDER BY c.number, e.seq",
            hall, [number for number, _ in links], [seq for _, seq in links],
        )  # fmt: skip
    return [dict(row) for row in rows]


async def known_events(connection: Connection, hall: UUID, links: list[tuple[str, int]]) -> int:
    """How many of some pairs of case number and event number are of this hall."""
    found: int = await connection.fetchval(
        "SELECT count(*) FROM unnest($2::text[], $3::int[]) AS wanted (number, seq) JOIN cases c"
        " ON c.number = wanted.number AND c.hall_id = $1 WHERE wanted.seq = 0 OR EXISTS (SELECT FROM events e"
        " WHERE e.case_id = c.id AND e.seq = wanted.seq)",
        hall, [number for number, _ in links], [seq for _, seq in links],
    )  # fmt: skip
    return found
