"""What exports read: cases of a selection in portions by key, and their events or facts. One snapshot for all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from storage.db import Connection, transaction


class Wanted(NamedTuple):
    """Which cases: within these places, and where it is given, each of the other conditions.

    :param halls: keys, of whoever sees cases of a hall. :param departments: keys, of whoever sees what is routed there.
    :param by: ``opened``, ``closed`` or ``event``. :param since: first hall day. :param until: last one, included.
    """

    halls: list[UUID]
    departments: list[UUID]
    by: str
    since: date | None
    until: date | None
    items: list[str] | None
    in_halls: list[str] | None
    in_departments: list[str] | None
    states: list[str] | None
    numbers: list[str] | None


def _within(moment: str) -> str:
    day = f"({moment} AT TIME ZONE coalesce(h.hours->>'zone', 'Asia/Shanghai'))::date"
    return f"($4::date IS NULL OR {day} >= $4) AND ($5::date IS NULL OR {day} <= $5)"


_FROM: Final = f"""
FROM cases c JOIN organisations h ON h.id = c.hall_id JOIN organisations d ON d.id = c.department_id
WHERE (c.hall_id = ANY($1) OR (c.department_id = ANY($2) AND c.state <> 'NEW'))
  AND CASE $3::text
    WHEN 'opened' THEN {_within("c.opened_at")}
    WHEN 'closed' THEN c.closed_at IS NOT NULL AND {_within("c.closed_at")}
    ELSE EXISTS (SELECT FROM events e WHERE e.case_id = c.id AND {_within("e.at")}) END
  AND ($6::text[] IS NULL OR c.item_code = ANY($6)) AND ($7::text[] IS NULL OR h.code = ANY($7))
  AND ($8::text[] IS NULL OR d.code = ANY($8)) AND ($9::text[] IS NULL OR c.state = ANY($9))
  AND ($10::text[] IS NULL OR c.number = ANY($10))
"""
_COUNT: Final = f"SELECT count(*) {_FROM}"
_ANY: Final = f"SELECT EXISTS (SELECT {_FROM})"
_KEYS: Final = f"SELECT c.id {_FROM} ORDER BY c.id"
_CASES: Final = """
SELECT c.id, c.number, c.item_code AS item, c.item_name, c.item_version, c.flow, c.flow_version, c.channel, c.priority,
  c.state, c.opened_at, c.received_at, c.accepted_at, c.decided_at, c.closed_at, c.party_id, c.applicant,
  h.code AS hall, h.name AS hall_name, h.hours->>'zone' AS zone, d.code AS department, d.name AS department_name,
  up.number AS parent, f.kind, f.outcome, f.notice_in_time, f.statutory_in_time, f.promise_in_time
FROM cases c JOIN organisations h ON h.id = c.hall_id JOIN organisations d ON d.id = c.department_id
LEFT JOIN cases up ON up.id = c.parent_id LEFT JOIN case_facts f ON f.case_id = c.id
WHERE c.id = ANY($1) ORDER BY c.id
"""
_LIST: Final = "CASE WHEN jsonb_typeof(e.data->{0}) = 'array' THEN e.data->{0} END"
_EVENTS: Final = f"""
SELECT e.id, e.case_id, e.seq, e.name, e.at, e.claimed_at, e.actor, e.actor_name, e.role, e.acting_for, e.from_state,
  e.to_state, e.reason, e.digest, e.algorithm, p.name AS person_name, a.name AS acting_for_name,
  coalesce(o.code, '') AS organisation, coalesce(w.code, '') AS window, coalesce(w.name, '') AS window_name,
  {_LIST.format("'documents'")} AS documents, {_LIST.format("'delivered'")} AS delivered,
  e.data->>'scan' AS scan, e.data->>'line' AS line,
  CASE WHEN e.name = ANY($2) AND jsonb_typeof(e.data->'payload'->'lines') = 'array'
    THEN jsonb_array_length(e.data->'payload'->'lines') END AS told
FROM events e LEFT JOIN people p ON p.id = e.actor LEFT JOIN people a ON a.id = e.acting_for
LEFT JOIN organisations o ON o.id = e.organisation LEFT JOIN organisations w ON w.id = e.window
WHERE e.case_id = ANY($1) ORDER BY e.case_id, e.seq
"""  # noqa: S608  # constants of this module
_FACTS: Final = """
SELECT f.*, coalesce(h.code, '') AS hall_code, coalesce(w.code, '') AS window_code FROM {0} f
LEFT JOIN organisations h ON h.id = f.hall LEFT JOIN organisations w ON w.id = f.window
WHERE f.case_id = ANY($1) ORDER BY f.case_id, f.number
"""


@asynccontextmanager
async def snapshot() -> AsyncIterator[Connection]:
    """A transaction that sees the database as it is now until its end, and writes nothing."""
    async with transaction() as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection


async def count(connection: Connection, wanted: Wanted) -> int:
    """How many cases there are."""
    found: int = await connection.fetchval(_COUNT, *wanted)
    return found


async def any_case(connection: Connection, wanted: Wanted) -> bool:
    """Whether there is any case."""
    found: bool = await connection.fetchval(_ANY, *wanted)
    return found


_KNOWN: Final = """
SELECT c.number FROM cases c
WHERE c.number = ANY($3) AND (c.hall_id = ANY($1) OR (c.department_id = ANY($2) AND c.state <> 'NEW'))
"""


async def known(connection: Connection, reach: tuple[list[UUID], list[UUID]], numbers: list[str]) -> set[str]:
    """Which of these numbers are of cases of these halls, or routed to these departments."""
    return {row["number"] for row in await connection.fetch(_KNOWN, *reach, numbers)}


async def portions(connection: Connection, wanted: Wanted, size: int) -> AsyncIterator[list[UUID]]:
    """The keys of the cases in order, so many at a time; other statements may run between two portions."""
    cursor = await connection.cursor(_KEYS, *wanted)
    while rows := await cursor.fetch(size):
        yield [row["id"] for row in rows]


async def cases(connection: Connection, portion: list[UUID]) -> list[dict[str, Any]]:
    """The heads of some cases by key, with what the facts know of them (None where they are not made yet)."""
    return [dict(row) for row in await connection.fetch(_CASES, portion)]


async def events(connection: Connection, portion: list[UUID], notices: list[str]) -> list[dict[str, Any]]:
    """Every event of some cases in order, without clocks and content; of that only documents, scan and lines told.

    :param notices: names of the events that tell lines.
    """
    return [dict(row) for row in await connection.fetch(_EVENTS, portion, notices)]


async def facts(connection: Connection, relation: str, portion: list[UUID]) -> list[dict[str, Any]]:
    """The facts of some cases, with the codes of hall and window.

    :param relation: where they are read from: ``case_facts``, ``notice_facts``, or what stands for it as of a moment.
    """
    return [dict(row) for row in await connection.fetch(_FACTS.format(relation), portion)]
