"""The trail: one chain of events per case. The application may only add to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from asyncpg.cursor import Cursor
from piccolo.columns import JSONB, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.feed import Place
from workflows.fact_notice import GIVING


class Event(Table, db=DB, tablename="events"):
    """One thing that happened to a case. ``digest`` covers it and the event before it (hexadecimal)."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    name = Varchar(length=40)
    at = Timestamptz()
    claimed_at = Timestamptz(null=True, default=None)
    actor = UUIDColumn(default=None, null=True)
    actor_name = Varchar(length=140)
    role = Varchar(length=30)
    organisation = UUIDColumn(default=None, null=True)
    window = UUIDColumn(default=None, null=True)
    acting_for = UUIDColumn(default=None, null=True)
    from_state = Varchar(length=30)
    to_state = Varchar(length=30)
    reason = Text(default="")
    data = JSONB()
    item_version = Integer()
    flow = Varchar(length=40)
    flow_version = Integer()
    clocks = JSONB()
    algorithm = Varchar(length=10)
    previous = Varchar(length=64)
    digest = Varchar(length=64)


_COLUMNS = (
    "e.seq, e.name, e.at, e.claimed_at, e.actor, e.actor_name, e.role, e.organisation, e.window, e.acting_for,"
    " e.from_state, e.to_state, e.reason, e.data, e.item_version, e.flow, e.flow_version, e.clocks, e.algorithm,"
    " e.previous, e.digest"
)


async def of_case(number: str, *, after: int = 0, limit: int = 200) -> list[dict[str, Any]]:
    """A page of the events of a case, in order."""
    async with reading() as connection:
        rows = await connection.fetch(
            f"SELECT c.number AS case, {_COLUMNS} FROM events e JOIN cases c ON c.id = e.case_id"  # noqa: S608  # a constant
            " WHERE c.number = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3",
            number,
            after,
            limit,
        )
    return [dict(row) for row in rows]


async def every_of_case(number: str) -> AsyncIterator[dict[str, Any]]:
    """Every event of a case in order, read in pages."""
    after = 0
    while rows := await of_case(number, after=after):
        for row in rows:
            yield row
        after = rows[-1]["seq"]


_OF_CASES = """
SELECT e.case_id, c.number AS "case", e.seq, e.name, e.at, e.actor, e.role, e.organisation, e.window, e.from_state,
  e.to_state, e.data, e.item_version, e.flow, e.flow_version,
  CASE WHEN e.name <> ALL(ARRAY[{giving}]) AND lead(e.seq) OVER trail = e.seq + 1
    AND lead(e.clocks <> '{{}}') OVER trail THEN '{{}}' ELSE e.clocks::text END AS clocks
FROM unnest($1::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (SELECT k.number FROM cases k WHERE k.id = wanted.id LIMIT 1) c
JOIN events e ON e.case_id = wanted.id
WHERE (e.txid, e.id) <= ($2::text::xid8, $3::uuid) {kept}
WINDOW trail AS (PARTITION BY e.case_id ORDER BY e.seq) ORDER BY e.case_id, e.seq
"""
"""Clocks are read with notices and of the last event that has any; elsewhere not, where the next event has some."""
_GIVING = ", ".join(f"'{name}'" for name in sorted(GIVING))
_READ = _OF_CASES.format(giving=_GIVING, kept="")
_KNOWN = _OF_CASES.format(
    giving=_GIVING,
    kept="""AND e.at <= $4
  AND NOT EXISTS (SELECT FROM late_events l WHERE l.event_id = e.id AND l.known_at > $4)""",
)


async def of_cases(connection: Connection, cases: list[UUID], to: Place, known_at: datetime | None = None) -> list[Any]:
    """The events of these cases in order, as far as facts are derived from them: a mapping each.

    ``clocks`` is text, empty where facts do not look at it. Where an event is left out, those behind it may be there.

    :param to: the place up to which events count. :param known_at: only what was known at that moment (UTC).
    """
    place = str(to.txid), to.id
    if known_at is None:
        rows: list[Any] = await connection.fetch(_READ, cases, *place)
        return rows
    return await connection.fetch(_KNOWN, cases, *place, known_at)


_WALK: Final = f"""
SELECT e.case_id, c.number AS "case", c.head_seq, c.head_digest, c.state, {_COLUMNS}
FROM cases c LEFT JOIN events e ON e.case_id = c.id
WHERE {{chosen}} ORDER BY c.id, e.seq
"""  # noqa: S608  # constants of this module
_WALK_ALL: Final = _WALK.format(chosen="c.id >= $1 AND c.id <= $2")
_WALK_ONE: Final = _WALK.format(chosen="c.number = $1")
_WALK_PERIOD: Final = _WALK.format(chosen="c.id IN (SELECT p.case_id FROM events p WHERE p.at >= $1 AND p.at < $2)")
_SPANS: Final = """
SELECT DISTINCT ON (part) id FROM (SELECT id, ntile($1::int) OVER (ORDER BY id) AS part FROM cases) one
ORDER BY part, id
"""

KEYS_APART: Final = timedelta(minutes=15)
"""How long a transaction may at most be open before its turn at a case comes: as long as a task may take."""
_AHEAD: Final = """
SELECT DISTINCT ON (e.case_id) c.number AS "case", e.seq, 'ahead' AS code FROM events e JOIN cases c ON c.id = e.case_id
WHERE e.txid >= commit_number(pg_snapshot_xmax(pg_current_snapshot())) AND ($1::text IS NULL OR c.number = $1)
ORDER BY e.case_id, e.seq
"""
_BACK: Final = """
SELECT DISTINCT ON (e.case_id) c.number AS "case", e.seq, 'out_of_order' AS code
FROM events e JOIN events p ON p.case_id = e.case_id AND p.seq = e.seq - 1 JOIN cases c ON c.id = e.case_id
WHERE e.txid < p.txid AND uuid_extract_timestamp(e.id) > uuid_extract_timestamp(p.id) + $2
  AND ($1::text IS NULL OR c.number = $1)
ORDER BY e.case_id, e.seq
"""
_LATE: Final = """
SELECT coalesce(c.number, l.event_id::text) AS "case", coalesce(e.seq, 0) AS seq, 'late_invented' AS code
FROM late_events l LEFT JOIN events e ON e.id = l.event_id AND e.case_id = l.case_id
  LEFT JOIN cases c ON c.id = l.case_id
WHERE (e.id IS NULL OR l.known_at < e.at
  OR l.known_at > greatest(now(), (SELECT max(settled_at) FROM projections)) + interval '1 minute')
  AND ($1::text IS NULL OR c.number = $1)
ORDER BY l.event_id
"""


async def misplaced(connection: Connection, number: str | None = None) -> list[dict[str, Any]]:
    """Where the order of commits is not what it can be: ``case``, ``seq`` and ``code``, of all cases or of one.

    ``ahead``: a transaction that has not begun yet; ``out_of_order``: one long before that of the event before it;
    ``late_invented``: noted as come late, but there is no such event, or it would be known at no moment so far.
    """
    found = [*await connection.fetch(_AHEAD, number), *await connection.fetch(_BACK, number, KEYS_APART)]
    return [dict(row) for row in (*found, *await connection.fetch(_LATE, number))]


_PAGE: Final = 100
"""Rows of a page: about what a socket holds, so that the server is not held up."""
Span = tuple[UUID, UUID]
"""Cases by key, from the first to the last one, both included."""
EVERYTHING: Final[Span] = (UUID(int=0), UUID(int=2**128 - 1))


async def walk(
    connection: Connection, number: str | None = None, span: Span = EVERYTHING
) -> AsyncGenerator[dict[str, Any]]:
    """Every event of every case (or of one), case by case, beside the head that the case row remembers.

    Must run inside a transaction; reads through a cursor, so memory does not grow with the trail. Whoever leaves it
    before its end closes it (``aclosing``): the next page is on its way already.
    """
    query, *chosen = (_WALK_ALL, *span) if number is None else (_WALK_ONE, number)
    async with aclosing(_ahead(await connection.cursor(query, *chosen))) as rows:
        async for row in rows:
            yield row


async def walk_period(connection: Connection, start: datetime, end: datetime) -> AsyncGenerator[dict[str, Any]]:
    """The same for every case with an event in a period. :param start: UTC, included. :param end: UTC, not included."""
    async with aclosing(_ahead(await connection.cursor(_WALK_PERIOD, start, end))) as rows:
        async for row in rows:
            yield row


async def _ahead(cursor: Cursor) -> AsyncGenerator[dict[str, Any]]:
    """Rows of a cursor; the server makes the next page while this one is worked on."""
    page = asyncio.ensure_future(cursor.fetch(_PAGE))
    try:
        while rows := await page:
            page = asyncio.ensure_future(cursor.fetch(_PAGE))
            await asyncio.sleep(0)  # so that the request is on its way
            for row in rows:
                yield dict(row)
    finally:
        await asyncio.gather(page, return_exceptions=True)


async def share(connection: Connection, parts: int) -> tuple[str, list[Span]]:
    """What other connections need to look at the same moment as this transaction, and all cases in so many parts."""
    snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
    firsts = [row["id"] for row in await connection.fetch(_SPANS, parts)]
    lasts = [UUID(int=first.int - 1) for first in firsts[1:]] + [EVERYTHING[1]]
    return str(snapshot), list(zip(firsts, lasts, strict=False))


async def look_with(connection: Connection, snapshot: str) -> None:
    """Look at the moment of another transaction that is still open. :param snapshot: as of :func:`share`."""
    await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    await connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")


async def last_of(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The last event of a case."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM events e WHERE e.case_id = $1 ORDER BY e.seq DESC LIMIT 1",  # noqa: S608  # a constant
        case,
    )
    return dict(row) if row else None
