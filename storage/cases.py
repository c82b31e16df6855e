"""Cases: the row that is locked for every act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Array, Bytea, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from storage.catalogues import PublishedItem
from storage.db import DB, Connection, reading
from storage.mandates import OF_CASE, Mandate
from storage.organisations import Organisation
from storage.parties import Party
from storage.people import Person
from workflows.warning import Warned


class Case(Table, db=DB, tablename="cases"):
    """One application (办件). Item and flow versions are pinned; ``applicant`` is the party as filed, masked.

    ``owner_id`` is who answers for the applicant (首问负责) until a colleague has taken over; ``rank`` orders queues: 0
    for those whom the law serves first, else 1. ``due_at`` is when the first of its limits passes; ``red_at``,
    ``yellow_at`` and ``amber_at`` when hall or department come to stand so (see :mod:`workflows.warning`).
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Varchar(length=24, unique=True)
    query_code = Varchar(length=24, unique=True)
    item_id = ForeignKey(PublishedItem, null=False)
    item_code = Varchar(length=50)
    item_name = Varchar(length=200)
    item_name_en = Varchar(length=400)
    item_version = Integer()
    flow = Varchar(length=40)
    flow_version = Integer()
    hall_id = ForeignKey(Organisation, null=False)
    window_id = ForeignKey(Organisation, null=True)
    department_id = ForeignKey(Organisation, null=False)
    parent_id: ForeignKey[Any] = ForeignKey(LazyTableReference("Case", module_path="storage.cases"), null=True)
    party_id = ForeignKey(Party, null=False, index=True)
    applicant = JSONB()
    applicant_sealed = Bytea()
    channel = Varchar(length=20)
    situation = Array(base_column=Varchar(), default=list)
    state = Varchar(length=30)
    holder = Varchar(length=20)
    flags = Array(base_column=Varchar(), default=list)
    version = Integer(default=1)
    receiver_id = ForeignKey(Person, null=True)
    handler_id = ForeignKey(Person, null=True)
    endorser_id = ForeignKey(Person, null=True)
    approver_id = ForeignKey(Person, null=True)
    owner_id = ForeignKey(Person, null=True)
    offered_to_id = ForeignKey(Person, null=True)
    void_proposer_id = ForeignKey(Person, null=True)
    mandate_id = ForeignKey(Mandate, null=True, index=True)
    priority = Varchar(length=20, default="")
    rank = Integer(default=1)
    opened_at = Timestamptz()
    received_at = Timestamptz(null=True, default=None)
    accepted_at = Timestamptz(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    due_at = Timestamptz(null=True, default=None)
    red_at = Timestamptz(null=True, default=None)
    yellow_at = Timestamptz(null=True, default=None)
    amber_at = Timestamptz(null=True, default=None)
    changed_at = Timestamptz()
    head_seq = Integer(default=0)
    head_digest = Text(default="")


_LOOK = f"""
SELECT c.*, {OF_CASE}, d.path AS department_path, h.path AS hall_path, h.hours AS hall_hours,
  d.agency_word AS department_agency_word, h.agency_word AS hall_agency_word, d.name AS department_name,
  (SELECT coalesce(jsonb_agg(jsonb_build_array(k.kind, k.act, k.at, k.amount, k.unit, k.basis, k.by, k.note)
     ORDER BY k.seq, k.ordinal), '[]') FROM clock_entries k WHERE k.case_id = c.id) AS clock_entries,
  (SELECT coalesce(jsonb_agg(jsonb_build_array(x.kind, x.started_at, x.watched_until, x.next_at)), '[]')
     FROM clocks x WHERE x.case_id = c.id) AS watched,
  (SELECT min(u.next_at) FROM duties u WHERE u.case_id = c.id) AS duty_at,
  (SELECT count(*) FROM calendar_editions) AS calendar_stamp,
  i.payload_digest AS seen_digest, i.answer AS seen_answer,
  (SELECT s.head_seq FROM cases s WHERE s.id = c.id) AS snapshot_seq
FROM cases c
JOIN organisations d ON d.id = c.department_id
JOIN organisations h ON h.id = c.hall_id
LEFT JOIN idempotency_keys i ON i.actor = $2 AND i.key = $3
WHERE c.number = $1
"""  # noqa: S608  # a constant of another module
_LOCKED = _LOOK + "FOR UPDATE OF c"


async def look(connection: Connection, number: str, actor: UUID, key: str) -> dict[str, Any] | None:
    """The case with everything that every act needs, as of one moment; with the answer under ``key``."""
    row = await connection.fetchrow(_LOOK, number, actor, key)
    return dict(row) if row else None


async def lock(connection: Connection, number: str, actor: UUID, key: str) -> dict[str, Any] | None:
    """The same, locked until the transaction ends.

    PostgreSQL gives a statement that waited for the row its newest version, but everything beside it as it was before
    the wait; a row that moved on meanwhile is therefore read again under the lock.
    """
    row = await connection.fetchrow(_LOCKED, number, actor, key)
    if row is not None and row["snapshot_seq"] != row["head_seq"]:
        row = await connection.fetchrow(_LOCKED, number, actor, key)
    return dict(row) if row else None


_INSERT = """
INSERT INTO cases (id, number, query_code, item_id, item_code, item_name, item_name_en, item_version, flow,
  flow_version, hall_id, window_id, department_id, party_id, applicant, applicant_sealed, channel, situation, state,
  holder, opened_at, changed_at, owner_id, parent_id, flags, version, head_seq, head_digest, priority, rank)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
  '{}', 1, 0, '', '', 1)
"""


async def insert(connection: Connection, row: dict[str, Any]) -> None:
    """A new case, before its first event."""
    await connection.execute(
        _INSERT, row["id"], row["number"], row["query_code"], row["item_id"], row["item_code"], row["item_name"],
        row["item_name_en"], row["item_version"], row["flow"], row["flow_version"], row["hall_id"], row["window_id"],
        row["department_id"], row["party_id"], row["applicant"], row["applicant_sealed"], row["channel"],
        row["situation"], row["state"], row["holder"], row["opened_at"], row["changed_at"], row["owner_id"],
        row["parent_id"],
    )  # fmt: skip


async def answer(connection: Connection, case: UUID, situation: list[str]) -> None:
    """Write other answers to the item's questions over those that stood, on a locked case."""
    await connection.execute("UPDATE cases SET situation = $2 WHERE id = $1", case, situation)


async def warn(connection: Connection, case: UUID, warned: Warned) -> None:
    """Write when a case turns red, yellow and amber, where nothing else of it changes."""
    await connection.execute("UPDATE cases SET red_at = $2, yellow_at = $3, amber_at = $4 WHERE id = $1", case, *warned)


async def any_case(connection: Connection) -> bool:
    """Whether there is any case at all."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM cases)")
    return found


async def children_open(connection: Connection, case: UUID) -> int:
    """How many child cases of a case (并联) are not over."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM cases WHERE parent_id = $1 AND closed_at IS NULL", case
    )
    return count


async def accepted_before(connection: Connection, case: UUID) -> int:
    """How many cases of the same item were accepted earlier and are still undecided (许可法57)."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM cases o JOIN cases c ON c.id = $1 WHERE o.item_code = c.item_code"
        " AND o.closed_at IS NULL AND (o.accepted_at, o.id) < (c.accepted_at, c.id)",
        case,
    )
    return count


_READ = f"""
SELECT c.*, {OF_CASE}, d.path AS department_path, d.name AS department_name, d.name_en AS department_name_en,
  d.code AS department, h.path AS hall_path, h.hours AS hall_hours, h.name AS hall_name, h.name_en AS hall_name_en,
  h.code AS hall, o.name AS owner_name, f.name AS offered_to_name, up.number AS parent,
  (SELECT count(*) FROM calendar_editions) AS calendar_stamp,
  (SELECT coalesce(jsonb_agg(jsonb_build_array(k.kind, k.act, k.at, k.amount, k.unit, k.basis, k.by, k.note)
     ORDER BY k.seq, k.ordinal), '[]') FROM clock_entries k WHERE k.case_id = c.id) AS clock_entries
FROM cases c
JOIN organisations d ON d.id = c.department_id
JOIN organisations h ON h.id = c.hall_id
LEFT JOIN people o ON o.id = c.owner_id
LEFT JOIN people f ON f.id = c.offered_to_id
LEFT JOIN cases up ON up.id = c.parent_id
WHERE c.number = $1
"""  # noqa: S608  # a constant of another module


async def read(number: str) -> dict[str, Any] | None:
    """The same, without a lock."""
    async with reading() as connection:
        return await read_with(connection, number)


async def read_with(connection: Connection, number: str) -> dict[str, Any] | None:
    """The same, as this connection sees it."""
    row = await connection.fetchrow(_READ, number)
    return dict(row) if row else None


async def number_by_query_code(code: str) -> str | None:
    """The case that an applicant's query code stands for."""
    async with reading() as connection:
        number: str | None = await connection.fetchval("SELECT number FROM cases WHERE query_code = $1", code)
    return number
