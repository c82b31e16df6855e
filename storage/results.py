"""What comes of a case: documents (文书), opinions and decisions, deliveries; certificates have a register of their own."""

from __future__ import annotations

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
