"""What is owed on a case beside its limits: a post-check, a public explanation, an answer, a rectification."""

from __future__ import annotations

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

    ``kind``: post_check, promise_correction, overdue_explanation, supervision_reply, rater_contact, rectification.
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
