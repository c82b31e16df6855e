"""Service of papers (送达): which document of a case reached whom, when and how."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Boolean, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection
from storage.people import Person


class Service(Table, db=DB, tablename="services"):
    """One document served. ``document_number`` is its 文号; a refusal to take it stands with its witness."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    seq = Integer()
    code = Varchar(length=4)
    document_number = Varchar(length=60)
    way = Varchar(length=16)
    recipient = Varchar(length=200)
    served_at = Timestamptz()
    refused = Boolean(default=False)
    witness = Varchar(length=200, default="")
    recorded_by = ForeignKey(Person, null=True)


async def papers_of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """Every document of a case, with the moment at which it was first served."""
    rows = await connection.fetch(
        "SELECT d.code, d.number, (SELECT min(s.served_at) FROM services s WHERE s.case_id = d.case_id"
        " AND s.document_number = d.number) AS served_at FROM documents d WHERE d.case_id = $1 ORDER BY d.seq, d.code",
        case,
    )
    return [dict(row) for row in rows]
