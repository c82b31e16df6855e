"""Facts: one row for each case and each notice, derived from the trail; how far the projection has come.

Rows are only ever written as the trail says, whole: whoever loses them has them made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from piccolo.columns import JSONB, Array, BigInt, Boolean, Date, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection
from storage.feed import Place
from workflows.fact import CaseFact, NoticeFact

FIRST: Final = UUID(int=0)
"""Where a walk over all cases begins."""
LAST: Final = UUID(int=2**128 - 1)
"""Where it ends."""
_LOCK: Final = 0x46414354
_NAME: Final = "facts"


class CaseFactRow(Table, db=DB, tablename="case_facts"):
    """One case as its trail tells it; the columns are those of :class:`workflows.fact.CaseFact`."""

    case_id = UUIDColumn(primary_key=True, default=None)
    number = Varchar(length=24, default="")
    last_seq = Integer(default=0)
    last_at = Timestamptz()
    parent = Varchar(length=24, default="")
    item = Varchar(length=50, default="")
    item_version = Integer(default=0)
    flow = Varchar(length=40, default="")
    flow_version = Integer(default=0)
    kind = Varchar(length=20, default="")
    hall = UUIDColumn(null=True, default=None)
    department = Varchar(length=40, default="")
    window = UUIDColumn(null=True, default=None)
    channel = Varchar(length=20, default="")
    situation = Array(base_column=Varchar(), default=list)
    applicant_kind = Varchar(length=20, default="")
    priority = Varchar(length=20, default="")
    mandate = UUIDColumn(null=True, default=None)
    proxied = Boolean(default=False)
    owner = UUIDColumn(null=True, default=None)
    receiver = UUIDColumn(null=True, default=None)
    handler = UUIDColumn(null=True, default=None)
    approver = UUIDColumn(null=True, default=None)
    state = Varchar(length=30, default="")
    holder = Varchar(length=20, default="")
    flags = Array(base_column=Varchar(), default=list)
    outcome = Varchar(length=20, default="")
    result_code = Varchar(length=10, default="")
    counted = Boolean(default=False)
    opened_at = Timestamptz()
    opened_on = Date()
    received_at = Timestamptz(null=True, default=None)
    received_on = Date(null=True, default=None)
    accepted_at = Timestamptz(null=True, default=None)
    accepted_on = Date(null=True, default=None)
    accepted_as = Varchar(length=20, default="")
    deemed_at = Timestamptz(null=True, default=None)
    deemed_on = Date(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    decided_on = Date(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    closed_on = Date(null=True, default=None)
    ready_at = Timestamptz(null=True, default=None)
    ready_on = Date(null=True, default=None)
    delivered_at = Timestamptz(null=True, default=None)
    delivered_on = Date(null=True, default=None)
    delivered_way = Varchar(length=20, default="")
    archived_at = Timestamptz(null=True, default=None)
    notice_due_at = Timestamptz(null=True, default=None)
    notice_elapsed = Integer(null=True, default=None)
    notice_in_time = Boolean(null=True, default=None)
    statutory_unit = Varchar(length=20, default="")
    statutory_limit = Integer(null=True, default=None)
    statutory_extended = Integer(null=True, default=None)
    statutory_excluded = Integer(null=True, default=None)
    statutory_elapsed = Integer(null=True, default=None)
    statutory_due_on = Date(null=True, default=None)
    statutory_due_at = Timestamptz(null=True, default=None)
    statutory_in_time = Boolean(null=True, default=None)
    promise_unit = Varchar(length=20, default="")
    promise_limit = Integer(null=True, default=None)
    promise_extended = Integer(null=True, default=None)
    promise_excluded = Integer(null=True, default=None)
    promise_elapsed = Integer(null=True, default=None)
    promise_due_on = Date(null=True, default=None)
    promise_due_at = Timestamptz(null=True, default=None)
    promise_in_time = Boolean(null=True, default=None)
    correction_due_at = Timestamptz(null=True, default=None)
    tolerance_due_at = Timestamptz(null=True, default=None)
    tolerance_in_time = Boolean(null=True, default=None)
    handover_due_at = Timestamptz(null=True, default=None)
    handover_elapsed = Integer(null=True, default=None)
    handover_in_time = Boolean(null=True, default=None)
    reply_due_at = Timestamptz(null=True, default=None)
    reply_in_time = Boolean(null=True, default=None)
    delivery_due_at = Timestamptz(null=True, default=None)
    delivery_elapsed = Integer(null=True, default=None)
    delivery_in_time = Boolean(null=True, default=None)
    provisional = Boolean(default=False)
    notices = Integer(default=0)
    lines_told = Integer(default=0)
    lines_offending = Integer(default=0)
    corrected_on_spot = Integer(default=0)
    escalations = Integer(default=0)
    specials = Integer(default=0)
    special_kinds = Array(base_column=Varchar(), default=list)
    extensions = Integer(default=0)
    converted = Boolean(default=False)
    tolerated = Boolean(default=False)
    tolerance_met = Boolean(default=False)
    promised = Boolean(default=False)
    promise_checked_at = Timestamptz(null=True, default=None)
    promise_outcome = Varchar(length=20, default="")
    revoked = Boolean(default=False)
    revoked_at = Timestamptz(null=True, default=None)
    handovers = Integer(default=0)
    reassignments = Integer(default=0)
    receipt_given = Boolean(default=False)
    acceptance_given = Boolean(default=False)
    service_proven = Boolean(default=False)
    visits = Integer(default=0)
    visit_days = Array(base_column=Date(), default=list)
    lines_on_paper = Integer(default=0)
    lines_exempt = Integer(default=0)
    lines_scanned = Integer(default=0)
    lines_whole = Integer(default=0)
    lines_spared = Array(base_column=Varchar(), default=list)
    reminders = Integer(default=0)
    cards_yellow = Integer(default=0)
    cards_red = Integer(default=0)
    cards_lifted = Integer(default=0)
    orders = Integer(default=0)
    orders_answered = Integer(default=0)
    explained_at = Timestamptz(null=True, default=None)
    rating_invited_at = Timestamptz(null=True, default=None)
    rating = Integer(null=True, default=None)
    rated_at = Timestamptz(null=True, default=None)
    rating_set_aside = Boolean(default=False)
    contact_due_on = Date(null=True, default=None)
    contacted_at = Timestamptz(null=True, default=None)
    contact_in_time = Boolean(null=True, default=None)
    rectify_due_on = Date(null=True, default=None)
    rectified_at = Timestamptz(null=True, default=None)
    rectified_in_time = Boolean(null=True, default=None)
    followed_up = Boolean(default=False)
    held_by_window = Integer(null=True, default=None)
    held_by_department = Integer(null=True, default=None)
    held_by_applicant = Integer(null=True, default=None)
    held_by_third_party = Integer(null=True, default=None)


class NoticeFactRow(Table, db=DB, tablename="notice_facts"):
    """One notice as the trail tells it; the columns are those of :class:`workflows.fact.NoticeFact`."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = UUIDColumn(default=None)
    number = Integer(default=0)
    kind = Varchar(length=20, default="")
    hall = UUIDColumn(null=True, default=None)
    department = Varchar(length=40, default="")
    item = Varchar(length=50, default="")
    given_at = Timestamptz()
    given_on = Date()
    given_by = UUIDColumn(null=True, default=None)
    role = Varchar(length=30, default="")
    window = UUIDColumn(null=True, default=None)
    in_time = Boolean(null=True, default=None)
    working_days = Integer(null=True, default=None)
    lines = JSONB()
    told = Integer(default=0)
    complete = Integer(default=0)
    offending = Array(base_column=Integer(), default=list)
    changed_fact = Text(default="")
    document = Varchar(length=80, default="")
    served_at = Timestamptz(null=True, default=None)
    served_way = Varchar(length=20, default="")


class Projection(Table, db=DB, tablename="projections"):
    """How far a projection has come: everything up to a place in the order of commits is in its rows.

    ``version`` is that of the derivation; ``walked_to`` the last case of a walk over all of them, None without one;
    ``settled_at`` the moment up to which whatever is stamped counts in the rows or came late, UTC.
    """

    name = Varchar(length=20, primary_key=True)
    version = Integer()
    txid = BigInt(default=0)
    event = UUIDColumn(default=None)
    walked_to = UUIDColumn(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)


class Progress(NamedTuple):
    """How far the facts have come; see :class:`Projection`."""

    version: int
    place: Place
    walked_to: UUID | None
    settled_at: datetime | None


_CASE: Final = [f'"{name}"' for name in CaseFact.__struct_fields__]
_NOTICE: Final = ", ".join(f'"{name}"' for name in NoticeFact.__struct_fields__)
PUT_CASES: Final = f"""
INSERT INTO {{table}} ({", ".join(_CASE)})
SELECT {", ".join(_CASE)} FROM json_populate_recordset(NULL::case_facts, $1::text::json)
"""  # noqa: S608  # names of columns
PUT_NOTICES: Final = f"""
INSERT INTO {{table}} (id, {_NOTICE})
SELECT uuidv7(), {_NOTICE} FROM json_populate_recordset(NULL::notice_facts, $1::text::json)
"""  # noqa: S608  # names of columns
_WRITE: Final = f"""
{PUT_CASES.format(table="case_facts")}
ON CONFLICT (case_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _CASE[1:])}
"""
_TELL: Final = PUT_NOTICES.format(table="notice_facts")
_STRANGERS: Final = """
SELECT case_id FROM {table} WHERE (case_id > $1 OR case_id = $4) AND case_id <= $2 AND case_id <> ALL($3)
"""
_OTHERS: Final = " UNION ".join(_STRANGERS.format(table=table) for table in ("case_facts", "notice_facts"))
_PROGRESS: Final = "SELECT version, txid, event, walked_to, settled_at FROM projections WHERE name = $1"
_KEEP: Final = """
INSERT INTO projections (name, version, txid, event, walked_to, settled_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, txid = excluded.txid, event = excluded.event,
  walked_to = excluded.walked_to, settled_at = excluded.settled_at
"""


async def lock(connection: Connection, *, wait: bool) -> bool:
    """Whether this transaction is the one that projects; without ``wait``, False while another one does."""
    if wait:
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        return True
    taken: bool = await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK)
    return taken


async def progress(connection: Connection) -> Progress | None:
    """How far the facts have come; None before they were ever made."""
    row = await connection.fetchrow(_PROGRESS, _NAME)
    if row is None:
        return None
    return Progress(row["version"], Place(row["txid"], row["event"]), row["walked_to"], row["settled_at"])


async def keep_progress(connection: Connection, reached: Progress) -> None:
    """Remember how far the facts have come, with the rows of the same transaction."""
    place = reached.place
    await connection.execute(_KEEP, _NAME, reached.version, place.txid, place.id, *reached[2:])


async def next_cases(connection: Connection, after: UUID, limit: int) -> list[UUID]:
    """The next cases of a walk over all of them, by key."""
    rows = await connection.fetch("SELECT id FROM cases WHERE id > $1 ORDER BY id LIMIT $2", after, limit)
    return [row["id"] for row in rows]


async def write(connection: Connection, cases: Sequence[CaseFact], notices: Sequence[NoticeFact]) -> None:
    """Put down the facts of some cases in place of those that there were.

    :param notices: all notices of these cases.
    """
    await connection.execute(_WRITE, as_rows(cases))
    await connection.execute("DELETE FROM notice_facts WHERE case_id = ANY($1)", [case.case_id for case in cases])
    if notices:
        await connection.execute(_TELL, as_rows(notices))


async def others(connection: Connection, after: UUID, to: UUID, known: Sequence[UUID]) -> list[UUID]:
    """The keys that facts are kept under and that are not among those known, in one part of a walk.

    :param after: the last case of the part before, or :data:`FIRST`. :param to: the last one of this part.
    """
    return [row["case_id"] for row in await connection.fetch(_OTHERS, after, to, known, FIRST)]


async def remove(connection: Connection, cases: list[UUID]) -> None:
    """Take away what the trail does not say."""
    for table in ("notice_facts", "case_facts"):
        await connection.execute(f"DELETE FROM {table} WHERE case_id = ANY($1)", cases)  # noqa: S608  # constants


def as_rows(found: Sequence[CaseFact] | Sequence[NoticeFact]) -> str:
    """Facts as the one parameter of :data:`PUT_CASES` or :data:`PUT_NOTICES`."""
    return msgspec.json.encode(found).decode()
