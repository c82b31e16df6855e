"""What the auditor searches: cases, events, looks at personal data. Bounded pages, an index behind each.

A search is put together from the conditions that were asked for and no others, so that the plan of each fits it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from storage.db import Connection, reading

EVENT_CONDITIONS: Final[Mapping[str, str]] = {
    "cases": "e.case_id = ANY({}::uuid[])",
    "since": "e.at >= {}::timestamptz",
    "until": "e.at < {}::timestamptz",
    "name": "e.name = {}::text",
    "actor": "e.actor = {}::uuid",
    "role": "e.role = {}::text",
    "window": 'e."window" = {}::uuid',
    "state": "e.to_state = {}::text",
    "reason": "strpos(e.reason, {}::text) > 0",
    "item": "c.item_code = {}::text",
    "hall": "c.hall_id = {}::uuid",
    "department": "c.department_id = {}::uuid",
}
"""What an event can be asked for; a value each."""
CASE_CONDITIONS: Final[Mapping[str, str]] = {
    "cases": "c.id = ANY({}::uuid[])",
    "item": "c.item_code = {}::text",
    "state": "c.state = {}::text",
    "hall": "c.hall_id = {}::uuid",
    "department": "c.department_id = {}::uuid",
    "window": "c.window_id = {}::uuid",
    "actor": "{}::uuid IN (f.owner, f.receiver, f.handler, f.approver)",
    "outcome": "f.outcome = {}::text",
    "flag": "{}::text = ANY(c.flags)",
}
"""What a case can be asked for."""
LOOK_CONDITIONS: Final[Mapping[str, str]] = {
    "since": "a.at >= {}::timestamptz",
    "until": "a.at < {}::timestamptz",
    "person": "a.actor = {}::uuid",
    "subjects": "a.subject = ANY({}::text[])",
    "kind": "starts_with(a.action, {}::text)",
}
"""What the access log can be asked for: when, by whom, at which cases and scans, which kind of look."""
DATED: Final = ("opened", "accepted", "decided", "closed")

_EVENTS: Final = """
SELECT e.id, e.at, e.claimed_at, c.number AS "case", e.seq, e.name, e.actor_name, e.role, e.from_state, e.to_state,
  e.reason, e.flow, e.flow_version, c.item_name, c.item_name_en, d.name AS department_name,
  d.name_en AS department_name_en, w.name AS window_name, w.name_en AS window_name_en
FROM events e JOIN cases c ON c.id = e.case_id JOIN organisations d ON d.id = c.department_id
LEFT JOIN organisations w ON w.id = e."window"
WHERE c.hall_id = ANY($1) AND (e.at, e.id) < ($2, $3) {conditions}
ORDER BY e.at DESC, e.id DESC LIMIT $4
"""


async def events(
    halls: list[UUID], asked: Mapping[str, Any], after: tuple[datetime, UUID], limit: int
) -> list[dict[str, Any]]:
    """A page of events of the cases of these halls, the newest first.

    :param asked: values by the names of :data:`EVENT_CONDITIONS`. :param after: ``at`` (UTC) and key of the last row.
    """
    conditions, values = _conditions(EVENT_CONDITIONS, asked, 5)
    async with reading() as connection:
        rows = await connection.fetch(_EVENTS.format(conditions=conditions), halls, *after, limit, *values)
    return [dict(row) for row in rows]


_CASES: Final = """
SELECT c.id, {day} AS listed_on, c.number, c.item_code, c.item_name, c.item_name_en, c.state, c.flags, c.applicant,
  c.opened_at, c.received_at, c.accepted_at, c.decided_at, c.closed_at, c.flow, c.flow_version, f.outcome, f.notices,
  f.lines_offending, f.deemed_at, f.cards_yellow, f.cards_red, f.statutory_in_time, f.promise_in_time,
  d.name AS department_name, d.name_en AS department_name_en, h.name AS hall_name, h.name_en AS hall_name_en
FROM {tables}
JOIN organisations d ON d.id = c.department_id JOIN organisations h ON h.id = c.hall_id
WHERE c.hall_id = ANY($1) AND ({day}, c.id) < ($2::date, $3::uuid) {conditions}
ORDER BY {day} DESC, c.id DESC LIMIT $4
"""


async def cases(
    halls: list[UUID],
    asked: Mapping[str, Any],
    period: tuple[str, date, date] | None,
    after: tuple[date, UUID],
    limit: int,
) -> list[dict[str, Any]]:
    """A page of the cases of these halls, the newest first.

    :param asked: values by the names of :data:`CASE_CONDITIONS`.
    :param period: one of :data:`DATED` with its first and last day, read from the facts, which follow the trail by
        seconds; None where the cases are named, which are then found whether there are facts of them or not.
    :param after: day and key of the last row of the page before.
    """
    if period is not None and period[0] not in DATED:
        raise ValueError(period[0])
    bounds: list[date] = [] if period is None else [*period[1:]]
    day = "c.opened_at::date" if period is None else f"f.{period[0]}_on"
    tables = "cases c LEFT JOIN case_facts f ON f.case_id = c.id"
    if period is not None:
        tables = "case_facts f JOIN cases c ON c.id = f.case_id"
    conditions, values = _conditions(CASE_CONDITIONS, asked, 5 + len(bounds))
    within = f"AND {day} BETWEEN $5::date AND $6::date {conditions}" if bounds else conditions
    statement = _CASES.format(day=day, tables=tables, conditions=within)
    async with reading() as connection:
        rows = await connection.fetch(statement, halls, *after, limit, *bounds, *values)
    return [dict(row) for row in rows]


def _conditions(known: Mapping[str, str], asked: Mapping[str, Any], first: int) -> tuple[str, list[Any]]:
    """The conditions of a search as SQL with numbered places, and the values for them."""
    parts = [f"AND {known[name].format(f'${n}')}" for n, name in enumerate(asked, first)]
    return " ".join(parts), list(asked.values())


_NAMED: Final[Mapping[str, str]] = {
    "case": "SELECT id FROM cases WHERE number = $1",
    "query_code": "SELECT id FROM cases WHERE query_code = $1",
    "document": "SELECT case_id AS id FROM documents WHERE number = $1",
}


async def named(kind: str, value: str) -> list[UUID]:
    """The case that a number stands for. :param kind: ``case``, ``query_code`` or ``document``."""
    async with reading() as connection:
        return [row["id"] for row in await connection.fetch(_NAMED[kind], value)]


async def of_party(connection: Connection, id_kind: str, index: bytes, limit: int) -> list[UUID]:
    """The newest cases of the party whose number has this blind index."""
    rows = await connection.fetch(
        "SELECT c.id FROM parties p JOIN cases c ON c.party_id = p.id WHERE p.id_kind = $1 AND p.id_index = $2"
        " ORDER BY c.id DESC LIMIT $3",
        id_kind,
        index,
        limit,
    )
    return [row["id"] for row in rows]


_REACHED: Final = "SELECT id FROM cases WHERE number = $1 AND hall_id = ANY($2) ORDER BY id DESC LIMIT $3"
_OF_APPLICANT: Final = """
SELECT c.id FROM cases n JOIN cases c ON c.party_id = n.party_id
WHERE n.number = $1 AND n.hall_id = ANY($2) AND c.hall_id = ANY($2) ORDER BY c.id DESC LIMIT $3
"""


async def with_party(number: str, halls: list[UUID], *, whole_party: bool, limit: int) -> list[UUID]:
    """A case of one of these halls, or the newest cases there of its applicant; nothing where it is elsewhere."""
    statement = _OF_APPLICANT if whole_party else _REACHED
    async with reading() as connection:
        return [row["id"] for row in await connection.fetch(statement, number, halls, limit)]


_SUBJECTS: Final = """
SELECT number AS subject FROM cases WHERE id = ANY($1)
UNION SELECT l.scan_id::text FROM scan_links l WHERE l.case_id = ANY($1)
"""


async def subjects_of(cases: list[UUID]) -> list[str]:
    """What the access log calls these cases and their scans."""
    async with reading() as connection:
        return [row["subject"] for row in await connection.fetch(_SUBJECTS, cases)]


_LOOKS: Final = """
SELECT a.id, a.day, a.seq, a.at, a.subject, a.action, a.body::jsonb->>'purpose' AS purpose, p.login,
  coalesce(p.name, '') AS name, coalesce(c.number, linked.number) AS "case", s.login AS about
FROM access_log a LEFT JOIN people p ON p.id = a.actor LEFT JOIN cases c ON c.number = a.subject
LEFT JOIN LATERAL (
  SELECT k.number FROM scan_links l JOIN cases k ON k.id = l.case_id
  WHERE l.scan_id = CASE WHEN a.subject ~ '^[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$' THEN a.subject::uuid END
  ORDER BY l.linked_at LIMIT 1) linked ON c.id IS NULL
LEFT JOIN people s ON s.id = CASE WHEN starts_with(a.subject, 'person:') THEN substr(a.subject, 8)::uuid END
WHERE (a.at, a.id) < ($1, $2) AND ($4 OR c.hall_id = ANY($5) OR EXISTS (
    SELECT FROM role_grants g WHERE g.person_id = a.actor AND g.organisation_id = ANY($6))
  OR (a.actor = '00000000-0000-0000-0000-000000000000' AND c.id IS NULL AND linked.number IS NULL)) {conditions}
ORDER BY a.at DESC, a.id DESC LIMIT $3
"""


async def looks(
    halls: list[UUID], places: list[UUID], asked: Mapping[str, Any], after: tuple[datetime, UUID], limit: int
) -> list[dict[str, Any]]:
    """A page of looks at cases of these halls, or by people with a role in one of these places; the newest first.

    What the command line of the machine did, to accounts and to what is published, concerns every place.

    :param asked: values by the names of :data:`LOOK_CONDITIONS`; where subjects are named, the caller has seen to it
        that they are within reach. :param after: moment (UTC) and key of the last row of the page before.
    """
    conditions, values = _conditions(LOOK_CONDITIONS, asked, 7)
    statement = _LOOKS.format(conditions=conditions)
    async with reading() as connection:
        rows = await connection.fetch(statement, *after, limit, "subjects" in asked, halls, places, *values)
    return [dict(row) for row in rows]
