"""What people are to be told, one row a message, written with the act that it comes of; sending is another's work."""

from __future__ import annotations

from typing import Any

from piccolo.columns import JSONB, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, reading


class Notification(Table, db=DB, tablename="notifications"):
    """One message about one event: to whom, by which way; ``event`` names the act or the watch rule that it tells of."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    recipient = Varchar(length=20)
    way = Varchar(length=10)
    event = Varchar(length=40)
    data = JSONB()
    state = Varchar(length=10)
    created_at = Timestamptz()


async def of_case(number: str) -> list[dict[str, Any]]:
    """Every message of a case, in the order in which it came about."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT n.seq, n.recipient, n.way, n.event, n.data, n.state, n.created_at FROM notifications n"
            " JOIN cases c ON c.id = n.case_id WHERE c.number = $1 ORDER BY n.seq, n.id",
            number,
        )
    return [dict(row) for row in rows]
