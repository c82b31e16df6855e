"""Recounts: every open clock derived again because a calendar year was announced or corrected."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Boolean, Date, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.calendars import CalendarEdition
from storage.cases import Case
from storage.db import DB, Connection, reading


class Recount(Table, db=DB, tablename="recounts"):
    """One batch. ``reached`` is the last case that was looked at, so that it goes on after a kill where it was.

    ``since`` is the first day that the edition makes another day; null when it changes none.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    edition_id = ForeignKey(CalendarEdition, null=False, unique=True)
    since = Date(null=True, default=None)
    started_at = Timestamptz()
    finished_at = Timestamptz(null=True, default=None)
    reached = UUIDColumn(null=True, default=None)
    looked_at = Integer(default=0)
    changed = Integer(default=0)


class RecountLine(Table, db=DB, tablename="recount_lines"):
    """One clock or duty of one case that changed, with the event that says so; ``provisional`` as it is now.

    ``before`` and ``after`` are equal where only the certainty of the day changed, or a moment before it.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    recount_id = ForeignKey(Recount, null=False)
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    kind = Varchar(length=24)
    before = Date(null=True, default=None)
    after = Date(null=True, default=None)
    provisional = Boolean(default=False)


FIRST = UUID(int=0)
"""Before every key."""


async def begin(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a batch that is to be carried out, or one that has nothing to do.

    :param row: ``id``, ``edition_id``, ``since``, ``started_at``, ``finished_at``.
    """
    await connection.execute(
        "INSERT INTO recounts (id, edition_id, since, started_at, finished_at, looked_at, changed)"
        " VALUES ($1, $2, $3, $4, $5, 0, 0)",
        row["id"], row["edition_id"], row["since"], row["started_at"], row["finished_at"],
    )  # fmt: skip


_CONCERNED = """
SELECT case_id FROM clocks WHERE running AND due_on >= $1
UNION SELECT case_id FROM duties WHERE done_at IS NULL AND due_on >= $1
"""
"""What an edition may move: what has not ended, on a day that is not before the first one that changes."""


async def count_concerned(connection: Connection, since: date) -> int:
    """How many cases have a running clock, or an open duty, that an edition may move."""
    count: int = await connection.fetchval(f"SELECT count(*) FROM ({_CONCERNED}) found", since)  # noqa: S608  # a constant
    return count


_PAGE = """
SELECT c.id, c.number FROM (
  (SELECT DISTINCT case_id FROM clocks WHERE running AND due_on >= $1 AND case_id > $2 ORDER BY case_id LIMIT $3)
  UNION
  (SELECT DISTINCT case_id FROM duties WHERE done_at IS NULL AND due_on >= $1 AND case_id > $2
    ORDER BY case_id LIMIT $3)
) found JOIN cases c ON c.id = found.case_id ORDER BY c.id LIMIT $3
"""


async def concerned(connection: Connection, since: date, after: UUID, limit: int) -> list[tuple[UUID, str]]:
    """A page of those cases, in the order of their keys: key and number."""
    rows = await connection.fetch(_PAGE, since, after, limit)
    return [(row["id"], row["number"]) for row in rows]


async def unfinished(connection: Connection) -> bool:
    """Whether some batch is still being carried out."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM recounts WHERE finished_at IS NULL)")
    return found


async def one(connection: Connection, recount: UUID) -> dict[str, Any] | None:
    """A batch, with the year and version that it is about."""
    row = await connection.fetchrow(
        "SELECT r.*, e.year, e.version FROM recounts r JOIN calendar_editions e ON e.id = r.edition_id WHERE r.id = $1",
        recount,
    )
    return dict(row) if row else None


async def advance(
    connection: Connection, recount: UUID, before: UUID | None, reached: UUID | None, looked_at: int, now: datetime
) -> bool:
    """Say how far a batch has come; False when somebody else has said so first.

    :param before: how far it was known to be. :param reached: None when it is finished.
    """
    done = await connection.fetchval(
        "UPDATE recounts SET reached = coalesce($3, reached), looked_at = looked_at + $4,"
        " finished_at = CASE WHEN $3::uuid IS NULL THEN $5::timestamptz END"
        " WHERE id = $1 AND finished_at IS NULL AND reached IS NOT DISTINCT FROM $2 RETURNING id",
        recount, before, reached, looked_at, now,
    )  # fmt: skip
    return done is not None


async def record(connection: Connection, recount: UUID, case: UUID, seq: int, lines: list[dict[str, Any]]) -> None:
    """Keep what a batch changed on one case. :param lines: ``kind``, ``before``, ``after``, ``provisional``."""
    await connection.execute("UPDATE recounts SET changed = changed + 1 WHERE id = $1", recount)
    await connection.executemany(
        "INSERT INTO recount_lines (id, recount_id, case_id, seq, kind, before, after, provisional)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7)",
        [(recount, case, seq, row["kind"], row["before"], row["after"], row["provisional"]) for row in lines],
    )


_LISTED = """
SELECT r.id, e.year, e.version, e.source, e.published_on, r.since, r.started_at, r.finished_at, r.looked_at, r.changed
FROM recounts r JOIN calendar_editions e ON e.id = r.edition_id
"""


async def every(after: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the batches, oldest first."""
    async with reading() as connection:
        rows = await connection.fetch(_LISTED + "WHERE r.id > $1 ORDER BY r.id LIMIT $2", after, limit)
    return [dict(row) for row in rows]


async def head(recount: UUID) -> dict[str, Any] | None:
    """One batch as it is listed."""
    async with reading() as connection:
        row = await connection.fetchrow(_LISTED + "WHERE r.id = $1", recount)
    return dict(row) if row else None


_LINES = """
SELECT l.id, c.number AS case, l.seq, l.kind, l.before, l.after, l.provisional
FROM recount_lines l JOIN cases c ON c.id = l.case_id
WHERE l.recount_id = $1 AND (c.hall_id = ANY($2) OR (c.department_id = ANY($3) AND c.state <> 'NEW')) AND l.id > $4
ORDER BY l.id LIMIT $5
"""


async def lines(
    recount: UUID, halls: list[UUID], departments: list[UUID], after: UUID, limit: int
) -> list[dict[str, Any]]:
    """A page of the clocks that a batch changed, of cases of these halls or routed to these departments."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_LINES, recount, halls, departments, after, limit)]
