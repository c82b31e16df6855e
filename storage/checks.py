"""Checks of material lines: who verified what, against what, when. A check is never changed; a later one counts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Boolean, Date, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.people import Person


class MaterialCheck(Table, db=DB, tablename="material_checks"):
    """One check of one line of a case; ``kind``: source_verified, original_checked or promise_signed.

    ``reference`` is the number of a certificate that was verified, ``valid_to`` (hall date) the last day on which the
    material is valid, ``checked_name`` the name and post of who checked, as printed on copies.
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False)
    line = Varchar(length=40)
    kind = Varchar(length=20)
    passed = Boolean()
    reference = Varchar(length=200, default="")
    valid_to = Date(null=True, default=None)
    note = Text(default="")
    checked_by = ForeignKey(Person, null=True)
    checked_name = Varchar(length=200)
    checked_at = Timestamptz()


async def add(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Keep checks."""
    await connection.executemany(
        "INSERT INTO material_checks (id, case_id, line, kind, passed, reference, valid_to, note, checked_by,"
        " checked_name, checked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        [
            (
                r["id"], r["case_id"], r["line"], r["kind"], r["passed"], r["reference"], r["valid_to"], r["note"],
                r["checked_by"], r["checked_name"], r["checked_at"],
            )
            for r in rows
        ],
    )  # fmt: skip


async def of_case(case: UUID) -> list[dict[str, Any]]:
    """Every check of a case, line by line, the newest first."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT line, kind, passed, reference, valid_to, note, checked_name, checked_at FROM material_checks"
            " WHERE case_id = $1 ORDER BY line, checked_at DESC, id DESC",
            case,
        )
    return [dict(row) for row in rows]
