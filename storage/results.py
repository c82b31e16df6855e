"""What comes of a case: documents (文书), opinions and decisions, deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, Bytea, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.certificates import Certificate
from storage.db import DB, Connection, reading
from storage.people import Person


class Document(Table, db=DB, tablename="documents"):
    """One 文书 of a case, numbered without gaps per agency, kind and year."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    seq = Integer()
    code = Varchar(length=4)
    number = Varchar(length=60, unique=True)
    agency = Varchar(length=20)
    year = Integer()
    ordinal = Integer()
    data = JSONB()
    issued_by = ForeignKey(Person, null=True)
    issued_at = Timestamptz()


class Decision(Table, db=DB, tablename="decisions"):
    """One signed opinion: the handler's review, the endorsement, the decision itself."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    seq = Integer()
    kind = Varchar(length=12)
    result = Varchar(length=10)
    opinion = Text()
    article = Text(default="")
    signed_by = UUIDColumn(default=None, null=True)
    signed_name = Varchar(length=140)
    signed_at = Timestamptz()


class Delivery(Table, db=DB, tablename="deliveries"):
    """A result handed over: what, to whom, how; the recipient's number is sealed."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    way = Varchar(length=12)
    recipient = Varchar(length=200)
    relation = Varchar(length=30)
    id_kind = Varchar(length=40)
    id_sealed = Bytea()
    delivered_by = ForeignKey(Person, null=True)
    delivered_at = Timestamptz()


_TABLES = {"decisions": Decision, "certificates": Certificate, "deliveries": Delivery}


async def add(connection: Connection, table: str, row: dict[str, Any]) -> None:
    """Keep one row of ``decisions``, ``certificates`` or ``deliveries``."""
    known = {column._meta.db_column_name for column in _TABLES[table]._meta.columns}  # noqa: SLF001  # Piccolo's own way to ask
    names = [name for name in row if name in known]
    marks = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    listed = ", ".join(f'"{name}"' for name in names)
    await connection.execute(
        f"INSERT INTO {table} ({listed}) VALUES ({marks})",  # noqa: S608  # names of declared tables and columns only
        *(row[name] for name in names),
    )


_SIGNERS = """
SELECT DISTINCT person FROM (
  SELECT signed_by AS person FROM decisions WHERE case_id = $1 AND kind = ANY($2::text[])
  UNION ALL
  SELECT unnest(ARRAY[actor, acting_for]) FROM events WHERE case_id = $1 AND name = ANY($3::text[])
  UNION ALL
  SELECT acting_for FROM events WHERE case_id = $1 AND name IN ('case:receive', 'case:accept')
) signed WHERE person IS NOT NULL
"""


async def signers_of(connection: Connection, case: UUID) -> list[UUID]:
    """Everybody who has handled or endorsed a case in any round, with those whom a delegate stood in for."""
    acts = ["case:report_up", "case:sign_in", "case:submit_review", "case:endorse"]
    rows = await connection.fetch(_SIGNERS, case, ["review", "endorsement"], acts)
    return [row["person"] for row in rows]


async def handlers_of(connection: Connection, case: UUID) -> list[UUID]:
    """Everybody who has handled a case in any round, with those whom a delegate stood in for."""
    acts = ["case:report_up", "case:sign_in", "case:submit_review"]
    rows = await connection.fetch(_SIGNERS, case, ["review"], acts)
    return [row["person"] for row in rows]


async def documents_of(number: str) -> list[dict[str, Any]]:
    """Every document of a case, in the order of issue."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT d.code, d.number, d.issued_at, d.data, d.seq FROM documents d JOIN cases c ON c.id = d.case_id"
            " WHERE c.number = $1 ORDER BY d.seq, d.code",
            number,
        )
    return [dict(row) for row in rows]


async def service_paper(document: str, code: str, halls: list[UUID], departments: list[UUID]) -> dict[str, Any] | None:
    """One document of a kind by its number, with its case, if that is of one of these halls or departments."""
    async with reading() as connection:
        row = await connection.fetchrow(
            'SELECT d.data, d.issued_at, c.number AS "case" FROM documents d JOIN cases c ON c.id = d.case_id'
            " WHERE d.number = $1 AND d.code = $2 AND (c.hall_id = ANY($3) OR c.department_id = ANY($4))",
            document, code, halls, departments,
        )  # fmt: skip
    return dict(row) if row else None


async def item_names(numbers: list[str]) -> dict[str, str]:
    """What each of these cases is about."""
    async with reading() as connection:
        rows = await connection.fetch("SELECT number, item_name FROM cases WHERE number = ANY($1)", numbers)
    return {row["number"]: row["item_name"] for row in rows}


_DELIVERED = """
SELECT v.id, c.number AS "case", c.item_name, v.way, v.recipient, v.relation, v.delivered_at, p.name AS delivered_by,
  o.waybill, ARRAY(SELECT s.document_number FROM services s WHERE s.case_id = c.id AND s.served_at = v.delivered_at
    ORDER BY s.document_number) AS documents
FROM deliveries v
JOIN cases c ON c.id = v.case_id
LEFT JOIN people p ON p.id = v.delivered_by
LEFT JOIN postings o ON o.case_id = c.id AND o.state = 'signed' AND v.way = 'post'
WHERE c.hall_id = $1 AND v.delivered_at >= $2 AND v.delivered_at < $3 AND (v.delivered_at, v.id) > ($4, $5)
ORDER BY v.delivered_at, v.id LIMIT $6
"""


async def delivered(
    hall: UUID, since: datetime, until: datetime, after: tuple[datetime, UUID], limit: int
) -> list[dict[str, Any]]:
    """A page of what a hall handed over from one moment up to another (UTC), in that order.

    :param after: ``delivered_at`` and ``id`` of the last row of the page before.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_DELIVERED, hall, since, until, *after, limit)]


_TOTALS = """
SELECT 'delivered_' || v.way AS name, count(*) AS n FROM deliveries v JOIN cases c ON c.id = v.case_id
  WHERE c.hall_id = $1 AND v.delivered_at >= $2 AND v.delivered_at < $3 GROUP BY v.way
UNION ALL SELECT 'made', count(*) FROM certificates t JOIN cases c ON c.id = t.case_id
  WHERE c.hall_id = $1 AND t.made_at >= $2 AND t.made_at < $3
UNION ALL SELECT 'posted', count(*) FROM postings o JOIN cases c ON c.id = o.case_id
  WHERE c.hall_id = $1 AND o.sent_at >= $2 AND o.sent_at < $3
UNION ALL SELECT 'returned', count(*) FROM postings o JOIN cases c ON c.id = o.case_id
  WHERE c.hall_id = $1 AND o.state = 'returned' AND o.ended_at >= $2 AND o.ended_at < $3
UNION ALL SELECT 'waiting', count(*) FROM custody_stays s
  WHERE s.hall_id = $1 AND s.in_at < $3 AND (s.out_at IS NULL OR s.out_at >= $3)
UNION ALL SELECT 'in_transit', count(*) FROM postings o JOIN cases c ON c.id = o.case_id
  WHERE c.hall_id = $1 AND o.sent_at < $3 AND (o.ended_at IS NULL OR o.ended_at >= $3)
"""


async def totals(hall: UUID, since: datetime, until: datetime) -> dict[str, int]:
    """What a hall handed over, made, posted and got back from one moment up to another (UTC), and what waited then."""
    async with reading() as connection:
        return {row["name"]: row["n"] for row in await connection.fetch(_TOTALS, hall, since, until)}
