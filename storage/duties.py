"""What is owed on a case beside its limits: a post-check, a public explanation, an answer, a rectification."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection
from storage.people import Person


class Duty(Table, db=DB, tablename="duties"):
    """One thing owed, until it is done. ``due_on`` in hall time; ``next_at`` (UTC) is when a sweeper looks at it.

    ``kind``: post_check, promise_correction, overdue_explanation, supervision_reply, rater_contact, rectification,
    originals_return, rater_follow_up, archiving.
    ``data``: ``counted_from`` (a hall day) and ``working_days`` where the day was counted out and not set.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    kind = Varchar(length=24)
    opened_at = Timestamptz()
    due_on = Date()
    due_at = Timestamptz()
    next_at = Timestamptz(null=True, default=None)
    done_at = Timestamptz(null=True, default=None)
    done_by = ForeignKey(Person, null=True)
    outcome = Text(default="")
    data = JSONB()


async def of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """What is or was owed on a case, oldest first."""
    rows = await connection.fetch("SELECT * FROM duties WHERE case_id = $1 ORDER BY seq, kind", case)
    return [dict(row) for row in rows]


async def owe(connection: Connection, row: dict[str, Any]) -> None:
    """Keep something that is owed from now on; what is owed already under that kind stays as it is.

    :param row: every column but the outcome's; ``next_at`` null when no sweeper needs to look.
    """
    await connection.execute(
        "INSERT INTO duties (id, case_id, seq, kind, opened_at, due_on, due_at, next_at, data)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (case_id, kind) WHERE done_at IS NULL DO NOTHING",
        row["id"], row["case_id"], row["seq"], row["kind"], row["opened_at"], row["due_on"], row["due_at"],
        row["next_at"], row["data"],
    )  # fmt: skip


async def settle(connection: Connection, case: UUID, kind: str, at: datetime, by: UUID | None, outcome: str) -> None:
    """Mark what is owed under a kind as done."""
    await connection.execute(
        "UPDATE duties SET done_at = $3, done_by = $4, outcome = $5, next_at = NULL"
        " WHERE case_id = $1 AND kind = $2 AND done_at IS NULL",
        case, kind, at, by, outcome,
    )  # fmt: skip


async def postpone(
    connection: Connection, case: UUID, kind: str, due_on: date, due_at: datetime, working_days: int
) -> None:
    """Give what is owed under a kind until another day.

    :param due_on: hall time. :param due_at: UTC. :param working_days: how many that are in all.
    """
    await connection.execute(
        "UPDATE duties SET due_on = $3, due_at = $4, next_at = $4,"
        " data = data || jsonb_build_object('working_days', $5::int)"
        " WHERE case_id = $1 AND kind = $2 AND done_at IS NULL",
        case, kind, due_on, due_at, working_days,
    )  # fmt: skip


async def recount(connection: Connection, duty: UUID, due_on: date, due_at: datetime) -> None:
    """Write the day to which another calendar moves a duty; one that was found overdue is not looked at again."""
    await connection.execute(
        "UPDATE duties SET due_on = $2, due_at = $3, next_at = CASE WHEN next_at IS NOT NULL THEN $3::timestamptz END"
        " WHERE id = $1",
        duty,
        due_on,
        due_at,
    )


async def overdue(connection: Connection, case: UUID, before: datetime) -> list[dict[str, Any]]:
    """What a sweeper must look at on a case because its moment has passed, in the order of the moments."""
    rows = await connection.fetch(
        "SELECT * FROM duties WHERE case_id = $1 AND next_at < $2 ORDER BY next_at, kind", case, before
    )
    return [dict(row) for row in rows]


async def looked_at(connection: Connection, duty: UUID) -> None:
    """No sweeper needs to look at this duty again; it stays owed."""
    await connection.execute("UPDATE duties SET next_at = NULL WHERE id = $1", duty)


async def explanation(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The newest public explanation of an overrun: ``text`` and ``given_at`` (UTC)."""
    row = await connection.fetchrow(
        "SELECT outcome AS text, done_at AS given_at FROM duties"
        " WHERE case_id = $1 AND kind = 'overdue_explanation' AND done_at IS NOT NULL ORDER BY done_at DESC LIMIT 1",
        case,
    )
    return dict(row) if row else None
