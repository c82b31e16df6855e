"""Results on their way by post: what was ordered of a courier, carrier and waybill, and how the journey ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Bytea, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class PostalOrder(Table, db=DB, tablename="postal_orders"):
    """What the issue window asks a courier to carry: one parcel with the results of one or more cases.

    ``receiver_sealed`` is name, telephone and address. ``state``: waiting, sent, refused (by the courier) or cancelled.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    hall_id = ForeignKey(Organisation, null=False)
    cases = JSONB()
    receiver_sealed = Bytea()
    state = Varchar(length=10)
    ordered_by = ForeignKey(Person, null=True)
    ordered_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    outcome = Text(default="")


class Posting(Table, db=DB, tablename="postings"):
    """One case's part of one parcel. ``state``: sent, signed, returned.

    A waybill is used once: the cases of one parcel are its lines, numbered from 1 in the transaction that sends it.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    carrier = Varchar(length=200)
    waybill = Varchar(length=40)
    line = Integer(default=1)
    order_id = ForeignKey(PostalOrder, null=True)
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
    return bool(await connection.fetchval("SELECT true FROM postings WHERE waybill = $1 LIMIT 1", waybill))


async def send(
    connection: Connection, case: UUID, carrier: str, waybill: str, at: datetime, line: int, order: UUID | None
) -> bool:
    """Keep a case's part of a parcel that leaves; False when somebody else was quicker with the waybill.

    :param at: UTC. :param line: from 1. :param order: what was ordered of a courier, if it was.
    """
    key = await connection.fetchval(
        "INSERT INTO postings (id, case_id, carrier, waybill, line, order_id, state, sent_at, outcome)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, 'sent', $6, '') ON CONFLICT (waybill, line) DO NOTHING RETURNING id",
        case, carrier, waybill, line, order, at,
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


async def parcel(waybill: str) -> list[dict[str, Any]]:
    """The lines of a parcel: the number of each case, how far it is, and what was ordered."""
    async with reading() as connection:
        rows = await connection.fetch(
            'SELECT c.number AS "case", p.state, p.order_id FROM postings p JOIN cases c ON c.id = p.case_id'
            " WHERE p.waybill = $1 ORDER BY p.line",
            waybill,
        )
    return [dict(row) for row in rows]


async def to_track(after: str, limit: int) -> list[str]:
    """Waybills of parcels that a courier was asked to carry and that are on their way, in their own order."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT DISTINCT waybill FROM postings WHERE state = 'sent' AND order_id IS NOT NULL AND waybill > $1"
            " ORDER BY waybill LIMIT $2",
            after, limit,
        )  # fmt: skip
    return [row["waybill"] for row in rows]


async def add_order(connection: Connection, row: dict[str, Any]) -> None:
    """Keep what a courier is to be asked for."""
    await connection.execute(
        "INSERT INTO postal_orders (id, hall_id, cases, receiver_sealed, state, ordered_by, ordered_at, outcome)"
        " VALUES ($1, $2, $3, $4, 'waiting', $5, $6, '')",
        row["id"], row["hall_id"], row["cases"], row["receiver_sealed"], row["ordered_by"], row["ordered_at"],
    )  # fmt: skip


async def ordered(connection: Connection, numbers: list[str]) -> list[str]:
    """Those of these cases for which a courier is being asked already."""
    rows = await connection.fetch(
        "SELECT DISTINCT n FROM postal_orders o, jsonb_array_elements_text(o.cases) AS n"
        " WHERE o.state = 'waiting' AND n = ANY($1) ORDER BY n",
        numbers,
    )
    return [row["n"] for row in rows]


async def order(key: UUID) -> dict[str, Any] | None:
    """What was ordered under a key."""
    async with reading() as connection:
        row = await connection.fetchrow("SELECT * FROM postal_orders WHERE id = $1", key)
    return dict(row) if row else None


async def end_order(connection: Connection, key: UUID, state: str, outcome: str, at: datetime) -> None:
    """An order has come to its end; where the parcel goes is no longer needed.

    :param state: sent, refused or cancelled. :param outcome: the waybill, or why there is none. :param at: UTC.
    """
    await connection.execute(
        "UPDATE postal_orders SET state = $2, outcome = $3, ended_at = $4, receiver_sealed = ''"
        " WHERE id = $1 AND state = 'waiting'",
        key, state, outcome, at,
    )  # fmt: skip


async def keep_waybill(key: UUID, waybill: str) -> None:
    """Remember the waybill that a courier gave for an order which waits."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE postal_orders SET outcome = $2 WHERE id = $1 AND state = 'waiting'", key, waybill
        )


async def orders_of(hall: UUID, before: tuple[datetime, UUID], limit: int) -> list[dict[str, Any]]:
    """A page of what a hall ordered, the newest first. :param before: ``ordered_at`` and ``id`` of the last row."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT o.id, o.cases, o.state, o.outcome, o.ordered_at, o.ended_at, p.name AS ordered_by"
            " FROM postal_orders o LEFT JOIN people p ON p.id = o.ordered_by"
            " WHERE o.hall_id = $1 AND (o.ordered_at, o.id) < ($2, $3) ORDER BY o.ordered_at DESC, o.id DESC LIMIT $4",
            hall, *before, limit,
        )  # fmt: skip
    return [dict(row) for row in rows]
