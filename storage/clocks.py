"""The clock ledger as rows, and the index of running clocks that sweepers read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Boolean, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading


class ClockEntry(Table, db=DB, tablename="clock_entries"):
    """One thing that happened to one clock of a case, written by the event ``seq``; never changed."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    ordinal = Integer()
    kind = Varchar(length=12)
    act = Varchar(length=8)
    at = Timestamptz()
    amount = Integer(null=True, default=None)
    unit = Varchar(length=14, null=True, default=None)
    basis = Text(default="")
    by = Varchar(length=80, null=True, default=None)
    note = Text(default="")


class Clock(Table, db=DB, tablename="clocks"):
    """What the ledger of a case derives to, one row a kind: an index for sweepers, never the source.

    ``next_at`` is the next moment (UTC) at which a watch or timer of this run comes due; ``watched_until`` the last
    one that was carried out.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    kind = Varchar(length=12)
    running = Boolean()
    suspended = Boolean()
    started_at = Timestamptz()
    stopped_at = Timestamptz(null=True, default=None)
    due_on = Date(null=True, default=None)
    due_at = Timestamptz(null=True, default=None)
    provisional = Boolean(default=False)
    watched_until = Timestamptz(null=True, default=None)
    next_at = Timestamptz(null=True, default=None)


async def of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """The index rows of a case."""
    rows = await connection.fetch(
        "SELECT kind, running, suspended, started_at, stopped_at, due_on, due_at, provisional, watched_until, next_at"
        " FROM clocks WHERE case_id = $1",
        case,
    )
    return [dict(row) for row in rows]


async def first_due(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The running clock of a case that falls due first: its kind and the moment."""
    row = await connection.fetchrow(
        "SELECT kind, due_at FROM clocks WHERE case_id = $1 AND running AND due_at IS NOT NULL"
        " ORDER BY due_at, kind LIMIT 1",
        case,
    )
    return dict(row) if row else None


class Overdue(NamedTuple):
    """A case with a clock or duty whose moment has passed; ``alarmed`` when an earlier attempt on it failed."""

    next_at: datetime
    case_id: UUID
    number: str
    alarmed: bool


FAILED: Final = "timer_failed"
"""The alarm of a case on which time could not be carried out."""
FROM_THE_START: Final = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))

_OVERDUE = """
SELECT found.next_at, found.case_id, c.number, EXISTS (
  SELECT FROM alarms a WHERE a.code = $5 AND a.subject = c.number AND a.closed_at IS NULL) AS alarmed
FROM (
  SELECT next_at, case_id FROM (
    (SELECT next_at, case_id FROM clocks WHERE next_at < $1 AND (next_at, case_id) > ($2, $3)
      ORDER BY next_at, case_id LIMIT $4)
    UNION
    (SELECT next_at, case_id FROM duties WHERE next_at < $1 AND (next_at, case_id) > ($2, $3)
      ORDER BY next_at, case_id LIMIT $4)
  ) both_kinds ORDER BY next_at, case_id LIMIT $4
) found JOIN cases c ON c.id = found.case_id ORDER BY found.next_at, found.case_id
"""


async def overdue(before: datetime, after: tuple[datetime, UUID], limit: int) -> list[Overdue]:
    """A page of the clocks and duties whose moment has passed, the oldest first, however many are running.

    :param after: moment and case of the last row of the page before, or :data:`FROM_THE_START`.
    """
    async with reading() as connection:
        return [Overdue(*row) for row in await connection.fetch(_OVERDUE, before, *after, limit, FAILED)]


async def carried_out(connection: Connection, case: UUID) -> list[tuple[str, datetime, str]]:
    """What time has done to a case, as its trail says: the rule, when the run of the clock began, the due day."""
    rows = await connection.fetch(
        "SELECT data->>'rule', (data->>'started_at')::timestamptz, data->>'due_on' FROM events"
        " WHERE case_id = $1 AND role = 'system' AND data ? 'effective_at'",
        case,
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def rewatch(connection: Connection, case: UUID, rows: list[dict[str, Any]]) -> None:
    """Write for clocks of a case anew up to when they were watched and when to look next.

    :param rows: ``kind``, ``watched_until``, ``next_at``.
    """
    await connection.executemany(
        "UPDATE clocks SET watched_until = $3, next_at = $4 WHERE case_id = $1 AND kind = $2",
        [(case, row["kind"], row["watched_until"], row["next_at"]) for row in rows],
    )
