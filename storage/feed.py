"""The events of many cases in the order of commits, so that whoever reads on from a cursor misses none.

An event is shown once every transaction that began before its own is over: a later one cannot come in before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from uuid import UUID

from storage.db import Connection, reading

SCAN: Final = 5000
"""How many events one page looks at, at most, however few of them are shown."""

VERSION_AFTER: Final = """
(SELECT count(*) + 1 FROM events v WHERE v.case_id = e.case_id AND v.seq BETWEEN 2 AND e.seq
  AND (starts_with(v.name, 'case:') OR v.name = 'clock:recounted'))
"""
"""The version of a case after an event ``e``: every act and every recount raises it by one."""


class Place(NamedTuple):
    """After this event: the number of its transaction in the order of commits, and its key."""

    txid: int
    id: UUID


START: Final = Place(0, UUID(int=0))

_PART = "(e.txid, e.id) > ($1::text::xid8, $2::uuid)"
BETWEEN: Final = f"{_PART} AND (e.txid, e.id) <= ($3::text::xid8, $4::uuid)"
"""Of events ``e``: after one place and up to another; each is two parameters, the number as text."""
_OLDEST = "commit_number(pg_snapshot_xmin(pg_current_snapshot()))"
_SETTLED = f"e.txid < {_OLDEST}"
_END = f"""
SELECT txid::text::bigint AS txid, id, n FROM (
  SELECT e.txid, e.id, row_number() OVER (ORDER BY e.txid, e.id) AS n FROM events e
  WHERE {_PART} AND {_SETTLED} ORDER BY e.txid, e.id LIMIT $3
) looked_at ORDER BY n DESC LIMIT 1
"""  # noqa: S608  # constants of this module
_PAGE = f"""
SELECT e.id, e.txid::text::bigint AS txid, e.name, e.seq, e.at, e.from_state, e.to_state, c.number AS "case",
  {VERSION_AFTER} AS version
FROM events e JOIN cases c ON c.id = e.case_id
WHERE {BETWEEN}
  AND (c.hall_id = ANY($5) OR (c.department_id = ANY($6) AND e.to_state <> 'NEW'))
  AND ($7::text[] IS NULL OR (starts_with(e.name, 'case:') AND (e.from_state <> e.to_state OR e.name = ANY($7))))
ORDER BY e.txid, e.id LIMIT $8
"""  # noqa: S608  # constants of this module


async def page(
    after: Place,
    *,
    halls: list[UUID],
    departments: list[UUID],
    routing: Iterable[str] | None = None,
    limit: int,
) -> tuple[list[dict[str, Any]], Place, bool]:
    """A page of the events of cases of these halls, and of those that these departments have.

    :param routing: only changes of state and the events of these names; None for every event.
    :returns: the events, the place after which the next page begins, whether there may be more now.
    """
    async with reading() as connection:
        end = await connection.fetchrow(_END, str(after.txid), after.id, SCAN)
        if end is None:
            return [], after, False
        named = None if routing is None else list(routing)
        last = Place(end["txid"], end["id"])
        rows = await connection.fetch(
            _PAGE, str(after.txid), after.id, str(last.txid), last.id, halls, departments, named, limit
        )
    if len(rows) == limit:
        return [dict(row) for row in rows], Place(rows[-1]["txid"], rows[-1]["id"]), True
    return [dict(row) for row in rows], last, end["n"] == SCAN


_CHANGED = f"""
SELECT DISTINCT e.case_id FROM events e WHERE {BETWEEN} ORDER BY 1
"""  # noqa: S608  # constants of this module


async def changed(connection: Connection, after: Place, limit: int) -> tuple[list[UUID], Place, bool]:
    """The cases that the next events are of.

    :param limit: how many events are looked at, at most.
    :returns: the cases, the place after the events, whether there may be more now.
    """
    end = await connection.fetchrow(_END, str(after.txid), after.id, limit)
    if end is None:
        return [], after, False
    last = Place(end["txid"], end["id"])
    rows = await connection.fetch(_CHANGED, str(after.txid), after.id, str(last.txid), last.id)
    return [row["case_id"] for row in rows], last, end["n"] == limit


async def now(connection: Connection) -> Place:
    """The place after everything that is settled: whoever begins here is told of what comes."""
    txid = await connection.fetchval(f"SELECT {_OLDEST}::text::bigint")  # a constant
    return Place(int(txid), UUID(int=0))
