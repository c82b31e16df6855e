"""Mandates (授权委托书, D22) and the scans that evidence them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSONB, Array, Bytea, Date, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.parties import Party
from storage.people import Person


class Mandate(Table, db=DB, tablename="mandates"):
    """Who may act for whom, in what, from one hall date to another, both included (民法典165).

    ``principal`` is the party as it gave the mandate, masked. ``agent_id`` is an agent on the staff, null for a private
    representative; the agent's identity number is sealed, and found again by ``agent_index``. ``reference`` is the
    paper's own number (of a notarial deed, say). It counts once ``evidence_id``, its scan, is kept.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    number = Varchar(length=60, unique=True)
    hall_id = ForeignKey(Organisation, null=False, index=True)
    principal_id = ForeignKey(Party, null=False, index=True)
    principal = JSONB()
    agent_id = ForeignKey(Person, null=True, index=True)
    agent_name = Varchar(length=200)
    agent_id_kind = Varchar(length=40)
    agent_sealed = Bytea()
    agent_index = Bytea()
    matter = Text()
    items = Array(base_column=Varchar())
    powers = Array(base_column=Varchar())
    case_number = Varchar(length=24, default="")
    from_on = Date()
    until_on = Date()
    reference = Varchar(length=200, default="")
    visit_id = UUIDColumn(default=None, null=True)
    registered_by = ForeignKey(Person, null=True)
    registered_at = Timestamptz()
    evidence_id = UUIDColumn(default=None, null=True)
    revoked_at = Timestamptz(null=True, default=None)
    revoked_by = ForeignKey(Person, null=True)
    ending = Varchar(length=12, default="")
    ending_reason = Text(default="")


class MandateScan(Table, db=DB, tablename="mandate_scans"):
    """Which scan evidences which mandate."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    mandate_id = ForeignKey(Mandate, null=False, index=True)
    scan_id = UUIDColumn(unique=True)
    linked_at = Timestamptz()


OF_CASE: Final = """
(SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'number', m.number, 'party', m.principal_id,
    'principal', m.principal->>'name', 'agent', m.agent_id, 'agent_name', m.agent_name,
    'agent_index', encode(m.agent_index, 'hex'), 'items', m.items, 'powers', m.powers, 'from_on', m.from_on,
    'until_on', m.until_on, 'case', m.case_number, 'revoked_at', m.revoked_at,
    'evidenced', m.evidence_id IS NOT NULL)), '[]')
  FROM mandates m WHERE m.principal_id = c.party_id AND m.until_on >= (c.opened_at AT TIME ZONE 'UTC')::date
    AND (m.revoked_at IS NULL OR m.revoked_at >= c.opened_at)) AS mandates
"""
"""A column for statements on cases ``c``: the applicant's mandates that had not ended when the case was opened."""

_COLUMNS: Final = (
    "id", "number", "hall_id", "principal_id", "principal", "agent_id", "agent_name", "agent_id_kind", "agent_sealed",
    "agent_index", "matter", "items", "powers", "case_number", "from_on", "until_on", "reference", "visit_id",
    "registered_by", "registered_at",
)  # fmt: skip


async def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a new mandate."""
    marks = ", ".join(f"${number}" for number in range(1, len(_COLUMNS) + 1))
    await connection.execute(
        f"INSERT INTO mandates ({', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608  # constants of this module
        *(row[name] for name in _COLUMNS),
    )


_READ: Final = """
SELECT m.*, h.path AS hall_path, h.hours AS hall_hours, h.code AS hall, h.agency_word AS hall_agency_word,
  p.id_kind AS principal_id_kind, p.id_index AS principal_index, a.login AS agent, r.name AS registered_by_name,
  s.state AS scan_state, s.verdict_zh AS scan_verdict, s.verdict_en AS scan_verdict_en, s.id AS scan_id
FROM mandates m
JOIN organisations h ON h.id = m.hall_id
JOIN parties p ON p.id = m.principal_id
LEFT JOIN people a ON a.id = m.agent_id
LEFT JOIN people r ON r.id = m.registered_by
LEFT JOIN LATERAL (SELECT s.* FROM mandate_scans l JOIN scans s ON s.id = l.scan_id WHERE l.mandate_id = m.id
  ORDER BY l.linked_at DESC, l.id DESC LIMIT 1) s ON true
"""


async def read(key: UUID) -> dict[str, Any] | None:
    """A mandate with its hall, its principal, its agent's sign-in name and its newest scan."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ + "WHERE m.id = $1", key)
    return dict(row) if row else None


async def lock(connection: Connection, key: UUID) -> dict[str, Any] | None:
    """The same, locked until the transaction ends."""
    if await connection.fetchval("SELECT true FROM mandates WHERE id = $1 FOR UPDATE", key) is None:
        return None
    row = await connection.fetchrow(_READ + "WHERE m.id = $1", key)
    return dict(row) if row else None


async def by_number(connection: Connection, number: str) -> dict[str, Any] | None:
    """The mandate of this number; it cannot be revoked until the transaction ends."""
    key = await connection.fetchval("SELECT id FROM mandates WHERE number = $1 FOR SHARE", number)
    row = await connection.fetchrow(_READ + "WHERE m.id = $1", key) if key else None
    return dict(row) if row else None


async def still_standing(connection: Connection, key: UUID) -> bool:
    """Whether a mandate has not been revoked; then it cannot be until the transaction ends."""
    return bool(await connection.fetchval("SELECT revoked_at IS NULL FROM mandates WHERE id = $1 FOR SHARE", key))


async def open_cases(key: UUID) -> list[str]:
    """The numbers of the open cases that are followed under a mandate, in order."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT number FROM cases WHERE mandate_id = $1 AND closed_at IS NULL ORDER BY number", key
        )
    return [row["number"] for row in rows]


async def revoke(connection: Connection, key: UUID, now: datetime, by: UUID | None, ending: str, reason: str) -> None:
    """From this moment (UTC) a mandate holds no more."""
    await connection.execute(
        "UPDATE mandates SET revoked_at = $2, revoked_by = $3, ending = $4, ending_reason = $5 WHERE id = $1",
        key, now, by, ending, reason,
    )  # fmt: skip


_PAGE: Final = f"""
{_READ}
WHERE (m.agent_id = $1 OR m.hall_id = ANY($2::uuid[])) AND (NOT $3 OR (m.revoked_at IS NULL AND m.until_on >= $4))
  AND ($5::uuid IS NULL OR m.id < $5)
ORDER BY m.id DESC LIMIT $6
"""


async def page(
    agent: UUID | None, halls: list[UUID], *, standing_on: date | None, after: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """A page of the mandates of an agent and of those registered in these halls, the newest first.

    :param standing_on: only those that have not ended by this hall date.
    """
    async with reading() as connection:
        rows = await connection.fetch(
            _PAGE, agent, halls, standing_on is not None, standing_on or date.min, after, limit
        )
    return [dict(row) for row in rows]


async def link_scan(connection: Connection, mandate: UUID, scan: UUID, now: datetime) -> None:
    """Let a scan evidence a mandate."""
    await connection.execute(
        "INSERT INTO mandate_scans (id, mandate_id, scan_id, linked_at) VALUES (uuidv7(), $1, $2, $3)",
        mandate,
        scan,
        now,
    )


async def of_scan(scan: UUID) -> dict[str, Any] | None:
    """A scan with the mandate that it evidences."""
    async with reading() as connection:
        row = await connection.fetchrow(
            "SELECT s.*, l.mandate_id, m.until_on FROM scans s JOIN mandate_scans l ON l.scan_id = s.id"
            " JOIN mandates m ON m.id = l.mandate_id WHERE s.id = $1",
            scan,
        )
    return dict(row) if row else None


async def evidence(connection: Connection, mandate: UUID, scan: UUID) -> None:
    """The paper of a mandate is kept: from now on it counts. What is kept stays."""
    await connection.execute(
        "UPDATE mandates SET evidence_id = $2 WHERE id = $1 AND evidence_id IS NULL", mandate, scan
    )
