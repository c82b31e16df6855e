"""Contracts with those who staff halls: price and years, the reports that they file, the certificates they lack."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import BigInt, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class ServiceContract(Table, db=DB, tablename="service_contracts"):
    """One contract for the staff of one hall (外包服务合同). ``price_fen`` is of a year, in fen.

    ``settlement``: annual or quarterly. ``replaces`` names the contract that this one corrects.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    hall_id = ForeignKey(Organisation, null=False, index=True)
    contractor = Varchar(length=200)
    number = Varchar(length=100)
    first_year = Integer()
    years = Integer()
    price_fen = BigInt()
    settlement = Varchar(length=10)
    replaces = UUIDColumn(null=True, default=None)
    registered_by = ForeignKey(Person, null=True)
    registered_at = Timestamptz()


class ContractReport(Table, db=DB, tablename="contract_reports"):
    """A month's report on operations (运行报告), as the contractor filed it; the first one counts."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    contract_id = ForeignKey(ServiceContract, null=False)
    month = Date()
    text = Text()
    reference = Varchar(length=200, default="")
    filed_by = ForeignKey(Person, null=True)
    filed_at = Timestamptz()


class CertificateCount(Table, db=DB, tablename="certificate_counts"):
    """How many people of a contract's year are short of the certificate rate (持证上岗), and what shows it.

    The newest one counts.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    contract_id = ForeignKey(ServiceContract, null=False, index=True)
    year = Integer()
    short = Integer()
    evidence = Text()
    recorded_by = ForeignKey(Person, null=True)
    recorded_at = Timestamptz()


_ADDED: Final = (
    "id", "hall_id", "contractor", "number", "first_year", "years", "price_fen", "settlement", "replaces",
    "registered_by", "registered_at",
)  # fmt: skip


async def add(connection: Connection, row: dict[str, Any]) -> bool:
    """Keep a contract; False where it is there, or the one that it corrects was corrected. :param row: every column."""
    marks = ", ".join(f"${number}" for number in range(1, len(_ADDED) + 1))
    key = await connection.fetchval(
        f"INSERT INTO service_contracts ({', '.join(_ADDED)}) VALUES ({marks})"  # noqa: S608  # constants
        " ON CONFLICT DO NOTHING RETURNING id",
        *(row[name] for name in _ADDED),
    )
    return key is not None


_READ: Final = """
SELECT c.*, h.code AS hall, h.name AS hall_name, h.name_en AS hall_name_en, h.path AS hall_path,
  h.hours AS hall_hours, r.id AS replaced_by
FROM service_contracts c JOIN organisations h ON h.id = c.hall_id
LEFT JOIN service_contracts r ON r.replaces = c.id
"""


async def read(key: UUID) -> dict[str, Any] | None:
    """One contract with its hall; ``replaced_by`` is the one that corrects it."""
    async with reading() as connection:
        row = await connection.fetchrow(_READ + "WHERE c.id = $1", key)
    return dict(row) if row else None


async def of_halls(halls: list[UUID]) -> list[dict[str, Any]]:
    """The contracts of these halls, the newest first."""
    async with reading() as connection:
        return [
            dict(row) for row in await connection.fetch(_READ + "WHERE c.hall_id = ANY($1) ORDER BY c.id DESC", halls)
        ]


async def file_report(connection: Connection, row: dict[str, Any]) -> bool:
    """Keep a report; False where the month has one. :param row: every column but the key."""
    key = await connection.fetchval(
        "INSERT INTO contract_reports (id, contract_id, month, text, reference, filed_by, filed_at)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6) ON CONFLICT (contract_id, month) DO NOTHING RETURNING id",
        row["contract_id"], row["month"], row["text"], row["reference"], row["filed_by"], row["filed_at"],
    )  # fmt: skip
    return key is not None


async def reports(contract: UUID) -> list[dict[str, Any]]:
    """The reports of a contract, the newest month first."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT r.*, coalesce(p.name, '') AS filed_by_name FROM contract_reports r LEFT JOIN people p"
            " ON p.id = r.filed_by WHERE r.contract_id = $1 ORDER BY r.month DESC",
            contract,
        )
    return [dict(row) for row in rows]


async def report_filed_at(connection: Connection, contract: UUID, month: date) -> datetime | None:
    """When the report on a month was filed, UTC."""
    at: datetime | None = await connection.fetchval(
        "SELECT filed_at FROM contract_reports WHERE contract_id = $1 AND month = $2", contract, month
    )
    return at


async def count_short(connection: Connection, row: dict[str, Any]) -> None:
    """Keep how many are short of the certificate rate. :param row: every column but the key."""
    await connection.execute(
        "INSERT INTO certificate_counts (id, contract_id, year, short, evidence, recorded_by, recorded_at)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6)",
        row["contract_id"], row["year"], row["short"], row["evidence"], row["recorded_by"], row["recorded_at"],
    )  # fmt: skip


async def short_of(contract: UUID, year: int, as_of: datetime | None = None) -> dict[str, Any] | None:
    """The newest count of a contract's year: ``short``, ``evidence``, by whom and when.

    :param as_of: UTC; as it was then.
    """
    async with reading() as connection:
        row = await connection.fetchrow(
            "SELECT n.short, n.evidence, n.recorded_at, coalesce(p.name, '') AS recorded_by_name"
            " FROM certificate_counts n LEFT JOIN people p ON p.id = n.recorded_by"
            " WHERE n.contract_id = $1 AND n.year = $2 AND ($3::timestamptz IS NULL OR n.recorded_at <= $3)"
            " ORDER BY n.id DESC LIMIT 1",
            contract, year, as_of,
        )  # fmt: skip
    return dict(row) if row else None


async def lineage(key: UUID) -> list[UUID]:
    """A contract and those that it corrects, one after another."""
    async with reading() as connection:
        rows = await connection.fetch(
            "WITH RECURSIVE chain AS (SELECT id, replaces FROM service_contracts WHERE id = $1 UNION"
            " SELECT c.id, c.replaces FROM service_contracts c JOIN chain ON c.id = chain.replaces)"
            " SELECT id FROM chain",
            key,
        )
    return [row["id"] for row in rows]
