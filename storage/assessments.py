"""Assessments (月度考核) of contractors: one edition of one month, in the hands of three people, then immutable."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import BigInt, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.assessment_tables import PublishedTable
from storage.contracts import ServiceContract
from storage.db import DB, Connection, reading
from storage.people import Person


class Assessment(Table, db=DB, tablename="assessments"):
    """One edition of a month. ``state``: see :mod:`workflows.assessment_steps`; ``month`` is the first day of it.

    ``replaces`` is the edition that this one corrects, ``reason`` why. ``score`` is written with the approval.
    ``head_seq`` and ``head_digest`` say where the chain of its acts stands. The columns from ``object_key`` on say
    where the printed form is locked away, its SHA-256 (hexadecimal) and size (bytes); a worker fills them in once.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    contract_id = ForeignKey(ServiceContract, null=False)
    month = Date()
    edition = Integer(default=1)
    replaces = UUIDColumn(null=True, default=None)
    reason = Text(default="")
    table_id = ForeignKey(PublishedTable, null=False)
    state = Varchar(length=10)
    opened_by = ForeignKey(Person, null=False)
    opened_at = Timestamptz()
    submitted_by = ForeignKey(Person, null=True)
    submitted_at = Timestamptz(null=True, default=None)
    reviewed_by = ForeignKey(Person, null=True)
    reviewed_at = Timestamptz(null=True, default=None)
    approved_by = ForeignKey(Person, null=True)
    approved_at = Timestamptz(null=True, default=None)
    score = Integer(null=True, default=None)
    searched_at = Timestamptz(null=True, default=None)
    head_seq = Integer(default=0)
    head_digest = Varchar(length=64, default="")
    object_key = Text(null=True, default=None)
    object_version = Text(default="")
    digest = Varchar(length=64, default="")
    size = BigInt(default=0)
    pages = Integer(default=0)
    rendered_at = Timestamptz(null=True, default=None)
    retain_until = Timestamptz(null=True, default=None)


FILE: Final = ("object_key", "object_version", "digest", "size", "pages", "rendered_at", "retain_until")
"""The columns that a worker fills in."""


async def open_edition(connection: Connection, row: dict[str, Any]) -> bool:
    """Keep a new edition; False where the month has one of this number. :param row: the columns up to ``opened_at``."""
    key = await connection.fetchval(
        "INSERT INTO assessments (id, contract_id, month, edition, replaces, reason, table_id, state, opened_by,"
        " opened_at, head_seq, head_digest, object_version, digest, size, pages)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, 'scoring', $8, $9, 0, '', '', '', 0, 0)"
        " ON CONFLICT (contract_id, month, edition) DO NOTHING RETURNING id",
        row["id"], row["contract_id"], row["month"], row["edition"], row["replaces"], row["reason"], row["table_id"],
        row["opened_by"], row["opened_at"],
    )  # fmt: skip
    return key is not None


_READ: Final = """
SELECT a.*, c.contractor, c.number AS contract_number, c.first_year, c.years, c.price_fen, c.settlement,
  h.id AS hall_id, h.code AS hall, h.name AS hall_name,
  h.name_en AS hall_name_en, h.path AS hall_path, h.hours AS hall_hours,
  o.name AS opened_by_name,
  s.name AS submitted_by_name, r.name AS reviewed_by_name, p.name AS approved_by_name, n.id AS replaced_by,
  (SELECT count(*) FROM assessment_entries e WHERE e.assessment_id = a.id AND e.state = 'proposed') AS undecided,
  (SELECT count(*) FROM assessment_objections b JOIN assessment_entries e ON e.id = b.entry_id
   WHERE e.assessment_id = a.id AND b.answered_at IS NULL) AS unanswered
FROM assessments a JOIN service_contracts c ON c.id = a.contract_id JOIN organisations h ON h.id = c.hall_id
JOIN people o ON o.id = a.opened_by LEFT JOIN people s ON s.id = a.submitted_by
LEFT JOIN people r ON r.id = a.reviewed_by LEFT JOIN people p ON p.id = a.approved_by
LEFT JOIN assessments n ON n.replaces = a.id
"""


async def read(key: UUID) -> dict[str, Any] | None:
    """One assessment with its contract, hall and people; ``undecided`` and ``unanswered`` count what is open."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ + "WHERE a.id = $1", key)
    return dict(row) if row else None


async def lock(connection: Connection, key: UUID) -> dict[str, Any] | None:
    """The same, locked until the transaction ends."""
    if await connection.fetchval("SELECT true FROM assessments WHERE id = $1 FOR UPDATE", key) is None:
        return None
    row = await connection.fetchrow(_READ + "WHERE a.id = $1", key)
    return dict(row) if row else None


async def page(halls: list[UUID], contract: UUID | None, before: UUID, limit: int) -> list[dict[str, Any]]:
    """A page of the assessments of these halls, the newest first.

    :param contract: only of this one. :param before: the ``id`` of the last row of the page before.
    """
    async with reading() as connection:
        rows = await connection.fetch(
            _READ + "WHERE c.hall_id = ANY($1) AND ($2::uuid IS NULL OR c.id = $2) AND a.id < $3"
            " ORDER BY a.id DESC LIMIT $4",
            halls, contract, before, limit,
        )  # fmt: skip
    return [dict(row) for row in rows]


async def is_open_or_done(connection: Connection, contracts: list[UUID], month: date) -> bool:
    """Whether a month was opened under one of these contracts."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM assessments WHERE contract_id = ANY($1) AND month = $2)", contracts, month
    )
    return found


async def approved(contracts: list[UUID], months: list[date], as_of: datetime | None = None) -> list[dict[str, Any]]:
    """The edition in force of each of these months under one of these contracts: the newest that is approved.

    :param as_of: UTC; as it was then.
    """
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT DISTINCT ON (month) id, month, edition, score, approved_at, table_id FROM assessments"
            " WHERE contract_id = ANY($1) AND month = ANY($2) AND state = 'approved'"
            " AND ($3::timestamptz IS NULL OR approved_at <= $3) ORDER BY month, edition DESC",
            contracts, months, as_of,
        )  # fmt: skip
    return [dict(row) for row in rows]


async def approved_keys(connection: Connection) -> list[UUID]:
    """The keys of every approved edition."""
    rows = await connection.fetch("SELECT id FROM assessments WHERE state = 'approved' ORDER BY id")
    return [row["id"] for row in rows]


_STEPS: Final = {
    "submitted": "submitted_by = $3, submitted_at = $4",
    "reviewed": "reviewed_by = $3, reviewed_at = $4",
    "approved": "approved_by = $3, approved_at = $4",
}


async def move(connection: Connection, key: UUID, state: str, by: UUID | None, at: datetime) -> None:
    """Bring a locked assessment to a state by a person. :param state: submitted, reviewed or approved."""
    await connection.execute(
        f"UPDATE assessments SET state = $2, {_STEPS[state]} WHERE id = $1",  # noqa: S608  # constants
        key, state, by, at,
    )  # fmt: skip


async def send_back(connection: Connection, key: UUID) -> None:
    """Bring a locked assessment back to scoring; who had submitted and reviewed it is in its acts."""
    await connection.execute(
        "UPDATE assessments SET state = 'scoring', submitted_by = NULL, submitted_at = NULL, reviewed_by = NULL,"
        " reviewed_at = NULL WHERE id = $1",
        key,
    )


async def keep_score(connection: Connection, key: UUID, score: int) -> None:
    """Write the score of a locked assessment, before it is approved."""
    await connection.execute("UPDATE assessments SET score = $2 WHERE id = $1", key, score)


async def searched(connection: Connection, key: UUID, at: datetime) -> None:
    """Note when the trail was searched last. :param at: UTC."""
    await connection.execute("UPDATE assessments SET searched_at = $2 WHERE id = $1", key, at)


async def file(connection: Connection, key: UUID, row: dict[str, Any]) -> bool:
    """Keep where the printed form is; False when it had one already. :param row: the columns of :data:`FILE`."""
    kept = await connection.fetchval(
        "UPDATE assessments SET object_key = $2, object_version = $3, digest = $4, size = $5, pages = $6,"
        " rendered_at = $7, retain_until = $8 WHERE id = $1 AND object_key IS NULL RETURNING id",
        key,
        *(row[name] for name in FILE),
    )
    return kept is not None
