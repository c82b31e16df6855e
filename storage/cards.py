"""Cards (催办、黄牌、红牌): what a watch left on a case. They are appealed and lifted, never deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection
from storage.people import Person


class Card(Table, db=DB, tablename="cards"):
    """One card. ``raised_at`` is the moment that the law names, ``recorded_at`` when the engine wrote it down.

    ``number`` is the case number and the event that raised it; ``state`` is standing, appealed, upheld or lifted.
    ``due_on`` and ``started_at`` say which run of which clock it is about; both are null for an unlawful act.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Varchar(length=40, unique=True)
    case_id = ForeignKey(Case, null=False, index=True)
    seq = Integer()
    rule = Varchar(length=40)
    level = Varchar(length=10)
    clock = Varchar(length=12)
    started_at = Timestamptz(null=True, default=None)
    due_on = Date(null=True, default=None)
    raised_at = Timestamptz()
    recorded_at = Timestamptz()
    state = Varchar(length=10)
    appealed_by = ForeignKey(Person, null=True)
    appealed_at = Timestamptz(null=True, default=None)
    appeal = Text(default="")
    settled_by = ForeignKey(Person, null=True)
    settled_at = Timestamptz(null=True, default=None)
    settlement = Text(default="")


async def of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """The cards of a case, oldest first."""
    rows = await connection.fetch("SELECT * FROM cards WHERE case_id = $1 ORDER BY seq, rule", case)
    return [dict(row) for row in rows]
