"""Results on their way by post: carrier, waybill, and how the journey ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection


class Posting(Table, db=DB, tablename="postings"):
    """One parcel. A waybill is used once; ``state``: sent, signed, returned."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    carrier = Varchar(length=200)
    waybill = Varchar(length=40, unique=True)
    state = Varchar(length=10)
    sent_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    outcome = Text(default="")


async def open_of_case(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """The parcel that is on its way for a case."""
    row = await connection.fetchrow(
        "SELECT carrier, waybill, sent_at FROM postings WHERE case_id = $1 AND state = 'sent'", case
    )
    return dict(row) if row else None


async def is_used(connection: Connection, waybill: str) -> bool:
    """Whether a waybill stands for a parcel already, of whatever case."""
    return bool(await connection.fetchval("SELECT true FROM postings WHERE waybill = $1", waybill))


async def send(connection: Connection, case: UUID, carrier: str, waybill: str, at: datetime) -> bool:
    """Keep a parcel that leaves; False when its waybill is used already, also by somebody who was quicker.

    :param at: UTC.
    """
    key = await connection.fetchval(
        "INSERT INTO postings (id, case_id, carrier, waybill, state, sent_at, outcome)"
        " VALUES (uuidv7(), $1, $2, $3, 'sent', $4, '') ON CONFLICT (waybill) DO NOTHING RETURNING id",
        case, carrier, waybill, at,
    )  # fmt: skip
    return key is not None


async def end(connection: Connection, case: UUID, state: str, at: datetime, outcome: str) -> None:
    """Say how the journey of the parcel on its way ended.

    :param state: ``signed`` or ``returned``. :param at: UTC. :param outcome: who signed for it, or why it came back.
    """
    await connection.execute(
        "UPDATE postings SET state = $2, ended_at = $3, outcome = $4 WHERE case_id = $1 AND state = 'sent'",
        case, state, at, outcome,
    )  # fmt: skip
