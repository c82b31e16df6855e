"""Service of papers (送达): which document of a case reached whom, when and how, and where it may be sent to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Boolean, Bytea, ForeignKey, Integer, Timestamptz, Varchar
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


class ElectronicAddress(Table, db=DB, tablename="electronic_addresses"):
    """Where an applicant agreed to be served electronically (D28); the newest one of a case counts. Sealed."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    seq = Integer()
    address_sealed = Bytea()
    confirmed_at = Timestamptz()


async def papers_of_case(connection: Connection, case: UUID) -> list[dict[str, Any]]:
    """Every document of a case, with the moment at which it was first served; no certificate that was voided."""
    rows = await connection.fetch(
        "SELECT d.code, d.number, (SELECT min(s.served_at) FROM services s WHERE s.case_id = d.case_id"
        " AND s.document_number = d.number) AS served_at FROM documents d WHERE d.case_id = $1 AND NOT EXISTS ("
        " SELECT FROM certificates t WHERE t.number = d.number AND t.state IN ('void', 'reissued'))"
        " ORDER BY d.seq, d.code",
        case,
    )
    return [dict(row) for row in rows]


async def add(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Keep the service of one or more documents; every row holds each column of :class:`Service`."""
    await connection.executemany(
        "INSERT INTO services (id, case_id, seq, code, document_number, way, recipient, served_at, refused, witness,"
        " recorded_by) VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            (
                row["case_id"], row["seq"], row["code"], row["document_number"], row["way"], row["recipient"],
                row["served_at"], row["refused"], row["witness"], row["recorded_by"],
            )
            for row in rows
        ],
    )  # fmt: skip


async def confirm_address(connection: Connection, case: UUID, seq: int, sealed: bytes, at: datetime) -> None:
    """Keep the address to which papers may be sent electronically.

    :param seq: of the event in the trail. :param at: UTC.
    """
    await connection.execute(
        "INSERT INTO electronic_addresses (id, case_id, seq, address_sealed, confirmed_at)"
        " VALUES (uuidv7(), $1, $2, $3, $4)",
        case, seq, sealed, at,
    )  # fmt: skip


async def address_of(connection: Connection, case: UUID) -> bytes | None:
    """The sealed address that was confirmed last."""
    sealed: bytes | None = await connection.fetchval(
        "SELECT address_sealed FROM electronic_addresses WHERE case_id = $1 ORDER BY seq DESC LIMIT 1", case
    )
    return sealed
