"""The trail: one chain of events per case. The application may only add to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.feed import Place


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
  e.to_state, e.data, e.item_version, e.flow, e.flow_version, e.clocks::text AS clocks
FROM unnest($1::uuid[]) AS wanted (id) JOIN cases c ON c.id = wanted.id JOIN events e ON e.case_id = wanted.id
WHERE (e.txid, e.id) <= ($2::text::xid8, $3::uuid) {kept} ORDER BY e.case_id, e.seq
"""
_READ = _OF_CASES.format(kept="")
_KNOWN = _OF_CASES.format(
    kept="""AND e.at <= $4
  AND NOT EXISTS (SELECT FROM late_events l WHERE l.event_id = e.id AND l.known_at > $4)"""
)


async def of_cases(connection: Connection, cases: list[UUID], to: Place, known_at: datetime | None = None) -> list[Any]:
    """The events of these cases in order, as far as facts are derived from them: a mapping each, ``clocks`` as text.

    Where an event of a case is left out, those behind it may still be there.

    :param to: the place up to which events count. :param known_at: only what was known at that moment (UTC).
    """
    place = str(to.txid), to.id
    if known_at is None:
        rows: list[Any] = await connection.fetch(_READ, cases, *place)
        return rows
    return await connection.fetch(_KNOWN, cases, *place, known_at)


_WALK = f"""
SELECT e.case_id, c.number AS "case", c.head_seq, c.head_digest, c.state, {_COLUMNS}
FROM cases c LEFT JOIN events e ON e.case_id = c.id
WHERE $1::text IS NULL OR c.number = $1
ORDER BY c.id, e.seq
"""  # noqa: S608  # constants of this module


async def walk(connection: Connection, number: str | None = None) -> AsyncIterator[dict[str, Any]]:
    """Every event of every case (or of one), case by case, beside the head that the case row remembers.

    Must run inside a transaction; reads through a cursor, so memory does not grow with the trail.
    """
    async for row in connection.cursor(_WALK, number, prefetch=500):
        yield dict(row)


_WALK_CASES = _WALK.replace(
    "$1::text IS NULL OR c.number = $1", "c.id IN (SELECT p.case_id FROM events p WHERE p.at >= $1 AND p.at < $2)"
)


async def walk_cases(connection: Connection, start: datetime, end: datetime) -> AsyncIterator[dict[str, Any]]:
    """The same for every case with an event in a period. :param start: UTC, included. :param end: UTC, not included."""
    async for row in connection.cursor(_WALK_CASES, start, end, prefetch=500):
        yield dict(row)


async def last_of(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The last event of a case."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM events e WHERE e.case_id = $1 ORDER BY e.seq DESC LIMIT 1",  # noqa: S608  # a constant
        case,
    )
    return dict(row) if row else None
