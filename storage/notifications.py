"""What people are to be told, one row a message, written with the act that it comes of; and what became of each.

A message that a gateway carries leaves its row in the outbox in the same statement (:mod:`storage.acts`). A task is the
inbox of those who work here: it lies at a place (a hall, a department) for a kind of recipient, or with one person, and
everybody marks for themselves what they have read. A letter, and a call that no gateway makes, wait for a person.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSONB, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person

NEWEST: Final = UUID(int=(1 << 128) - 1)
"""Where the first page of a list begins that has the newest first."""


class Notification(Table, db=DB, tablename="notifications"):
    """One message about one event: to whom, by which way; ``event`` names the act or the rule that it tells of.

    ``place_id`` and ``person_id`` say where a task or a letter lies; the latter also who printed it or made the call.
    ``state`` is waiting, sent, delivered, failed or suppressed, ``reason`` why; ``gateway`` what carried it,
    ``provider_id`` its name there, ``parts`` how many short messages it took. ``slot_at`` (UTC) is its turn at the
    gateway, ``waiting_since`` when it was last tried anew.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    seq = Integer()
    recipient = Varchar(length=20)
    way = Varchar(length=10)
    event = Varchar(length=40)
    data = JSONB()
    state = Varchar(length=10)
    created_at = Timestamptz()
    place_id = ForeignKey(Organisation, null=True)
    person_id = ForeignKey(Person, null=True)
    gateway = Varchar(length=10, default="")
    language = Varchar(length=2, default="")
    parts = Integer(default=0)
    attempts = Integer(default=0)
    slot_at = Timestamptz(null=True, default=None)
    waiting_since = Timestamptz(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)
    delivered_at = Timestamptz(null=True, default=None)
    provider_id = Varchar(length=80, default="")
    reason = Varchar(length=40, default="")


class NotificationRead(Table, db=DB, tablename="notification_reads"):
    """That one person has read one task."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    notification_id = ForeignKey(Notification, null=False)
    person_id = ForeignKey(Person, null=False)
    read_at = Timestamptz()


async def of_case(number: str) -> list[dict[str, Any]]:
    """Every message of a case, in the order in which it came about."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT n.seq, n.recipient, n.way, n.event, n.data, n.state, n.created_at, n.gateway, n.parts, n.sent_at,"
            " n.delivered_at, n.reason FROM notifications n"
            " JOIN cases c ON c.id = n.case_id WHERE c.number = $1 ORDER BY n.seq, n.id",
            number,
        )
    return [dict(row) for row in rows]


_READ = """
SELECT n.*, c.number, c.query_code, c.item_name, c.item_name_en, coalesce(e.flow, c.flow) AS flow,
  coalesce(e.flow_version, c.flow_version) AS flow_version, c.applicant,
  c.applicant_sealed, c.state AS case_state, h.hours AS hall_hours, h.code AS hall, h.name AS hall_name,
  h.name_en AS hall_name_en, d.name AS department_name, d.name_en AS department_name_en, e.to_state, e.clocks,
  e.data AS event_data,
  (SELECT a.address_sealed FROM electronic_addresses a WHERE a.case_id = n.case_id ORDER BY a.seq DESC LIMIT 1)
    AS address_sealed
FROM notifications n
JOIN cases c ON c.id = n.case_id
JOIN organisations h ON h.id = c.hall_id
JOIN organisations d ON d.id = c.department_id
LEFT JOIN events e ON e.case_id = n.case_id AND e.seq = n.seq
WHERE n.id = $1
"""


async def read(key: UUID) -> dict[str, Any] | None:
    """A message with everything that its text is made of, as its event left it, and the sealed addresses."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ, key)
    return dict(row) if row else None


async def take_turn(key: UUID, gateway: str, slot_at: datetime | None) -> None:
    """Keep the gateway of a message and its turn there (UTC); without one it has to take another."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE notifications SET gateway = $2, slot_at = $3 WHERE id = $1", key, gateway, slot_at
        )


async def put_off(key: UUID, reason: str) -> None:
    """Count an attempt that did not reach the gateway, and why; it takes another turn."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE notifications SET attempts = attempts + 1, slot_at = NULL, reason = $2 WHERE id = $1", key, reason
        )


async def record_sent(key: UUID, provider_id: str, language: str, parts: int, now: datetime) -> None:
    """A gateway has taken the message; its report may have been quicker, and then stands."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE notifications SET state = CASE WHEN state = 'waiting' THEN 'sent' ELSE state END, sent_at = $5,"
            " reason = CASE WHEN state = 'waiting' THEN '' ELSE reason END, provider_id = $2, language = $3,"
            " parts = $4, attempts = attempts + 1 WHERE id = $1",
            key, provider_id, language, parts, now,
        )  # fmt: skip


async def give_up(key: UUID, state: str, reason: str) -> None:
    """A message that will not be sent. :param state: ``failed``, or ``suppressed`` when nobody tried."""
    async with reading() as connection:
        await connection.execute(
            "UPDATE notifications SET state = $2, reason = $3 WHERE id = $1 AND state = 'waiting'", key, state, reason
        )


async def report(key: UUID, gateway: str, state: str, reason: str, now: datetime) -> bool:
    """What a gateway says became of a message; what is delivered stays so. False when it carried no such message.

    :param state: ``delivered`` or ``failed``.
    """
    async with reading() as connection:
        found = await connection.fetchval(
            "UPDATE notifications SET state = CASE WHEN state = 'delivered' THEN state ELSE $3 END,"
            " reason = CASE WHEN state = 'delivered' THEN reason ELSE $4 END,"
            " delivered_at = CASE WHEN $3 = 'delivered' THEN coalesce(delivered_at, $5) ELSE delivered_at END"
            " WHERE id = $1 AND gateway = $2 RETURNING id",
            key, gateway, state, reason, now,
        )  # fmt: skip
    return found is not None


async def add(connection: Connection, row: dict[str, Any]) -> UUID:
    """A message that comes of no event of its own. :param row: the columns up to ``created_at``, and ``place_id``."""
    key: UUID = await connection.fetchval(
        "INSERT INTO notifications (id, case_id, seq, recipient, way, event, data, state, created_at, place_id)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, 'waiting', $7, $8) RETURNING id",
        row["case_id"], row["seq"], row["recipient"], row["way"], row["event"], row["data"], row["created_at"],
        row["place_id"],
    )  # fmt: skip
    return key


_UNSENT = """
SELECT n.id, c.number AS case, n.event, n.way, n.gateway, n.state, n.reason, n.attempts, n.created_at
FROM notifications n JOIN cases c ON c.id = n.case_id
WHERE n.state = ANY($1) AND n.state IN ('failed', 'suppressed') AND ($2::uuid[] IS NULL OR c.hall_id = ANY($2))
  AND n.id < $3
ORDER BY n.id DESC LIMIT $4
"""


async def unsent(states: list[str], halls: list[UUID] | None, before: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the messages that were not sent, newest first. :param halls: None for those of every hall."""
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_UNSENT, states, halls, before, limit)]


async def try_again(connection: Connection, key: UUID, halls: list[UUID] | None, now: datetime) -> UUID | None:
    """Let a message that was not sent wait again; the key of its case, nothing when there is no such message."""
    case: UUID | None = await connection.fetchval(
        "UPDATE notifications n SET state = 'waiting', reason = '', slot_at = NULL, attempts = 0, waiting_since = $2"
        " FROM cases c WHERE n.id = $1 AND c.id = n.case_id AND n.state IN ('failed', 'suppressed')"
        " AND ($3::uuid[] IS NULL OR c.hall_id = ANY($3)) RETURNING n.case_id",
        key, now, halls,
    )  # fmt: skip
    return case
