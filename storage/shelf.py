"""Custody (在架保管): which results wait on which shelf, since when, and what stock-taking (盘点) found."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import JSONB, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns.defaults.uuid import UUID7
from piccolo.table import Table

from storage.cases import Case
from storage.db import DB, Connection, reading
from storage.organisations import Organisation
from storage.people import Person


class CustodyStay(Table, db=DB, tablename="custody_stays"):
    """One stay of a case's result at one place, from the act that put it there to the one that took it away.

    ``shelf`` is empty while nobody has said where. Causes to come: ready, moved, returned, reissued; to go: moved, or
    the way on which it left (window, left, post, electronic).
    """

    id = UUIDColumn(primary_key=True, default=UUID7())
    case_id = ForeignKey(Case, null=False, index=True)
    hall_id = ForeignKey(Organisation, null=False)
    shelf = Varchar(length=200)
    in_at = Timestamptz()
    in_by = ForeignKey(Person, null=True)
    in_cause = Varchar(length=12)
    out_at = Timestamptz(null=True, default=None)
    out_by = ForeignKey(Person, null=True)
    out_cause = Varchar(length=12, default="")


class Stocktake(Table, db=DB, tablename="stocktakes"):
    """A shelf counted: what should be there, what is missing, what lies there that should not."""

    id = UUIDColumn(primary_key=True, default=UUID7())
    hall_id = ForeignKey(Organisation, null=False, index=True)
    shelf = Varchar(length=200)
    taken_by = ForeignKey(Person, null=True)
    taken_at = Timestamptz()
    expected = Integer()
    found = Integer()
    missing = JSONB()
    surplus = JSONB()


async def enter(
    connection: Connection, case: UUID, hall: UUID, shelf: str, by: UUID | None, at: datetime, cause: str
) -> None:
    """A result is put on a shelf; it leaves the one where it was. :param at: UTC."""
    await leave(connection, case, by, at, "moved")
    await connection.execute(
        "INSERT INTO custody_stays (id, case_id, hall_id, shelf, in_at, in_by, in_cause, out_cause)"
        " VALUES (uuidv7(), $1, $2, $3, $4, $5, $6, '')",
        case, hall, shelf, at, by, cause,
    )  # fmt: skip


async def leave(connection: Connection, case: UUID, by: UUID | None, at: datetime, cause: str) -> None:
    """A result is taken from where it waits, if it waits anywhere. :param at: UTC."""
    await connection.execute(
        "UPDATE custody_stays SET out_at = $2, out_by = $3, out_cause = $4 WHERE case_id = $1 AND out_at IS NULL",
        case, at, by, cause,
    )  # fmt: skip


async def of_case(connection: Connection, case: UUID) -> dict[str, Any] | None:
    """Where a result waits now; it stays there as long as the case is locked."""
    row = await connection.fetchrow("SELECT * FROM custody_stays WHERE case_id = $1 AND out_at IS NULL", case)
    return dict(row) if row else None


async def hold(connection: Connection, hall: UUID, shelf: str) -> list[str]:
    """The numbers of the cases on a shelf, held there until the transaction ends."""
    rows = await connection.fetch(
        "SELECT c.number FROM custody_stays s JOIN cases c ON c.id = s.case_id"
        " WHERE s.hall_id = $1 AND s.shelf = $2 AND s.out_at IS NULL ORDER BY c.number FOR UPDATE OF s",
        hall, shelf,
    )  # fmt: skip
    return [row["number"] for row in rows]


async def places(connection: Connection, hall: UUID, numbers: list[str]) -> dict[str, str | None]:
    """The cases of a hall among these numbers, each with the shelf it waits on; None when it waits nowhere."""
    rows = await connection.fetch(
        "SELECT c.number, s.shelf FROM cases c LEFT JOIN custody_stays s ON s.case_id = c.id AND s.out_at IS NULL"
        " WHERE c.hall_id = $1 AND c.number = ANY($2)",
        hall, numbers,
    )  # fmt: skip
    return {row["number"]: row["shelf"] for row in rows}


async def add_stocktake(connection: Connection, row: dict[str, Any]) -> None:
    """Keep what a count found."""
    await connection.execute(
        "INSERT INTO stocktakes (id, hall_id, shelf, taken_by, taken_at, expected, found, missing, surplus)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row["id"], row["hall_id"], row["shelf"], row["taken_by"], row["taken_at"], row["expected"], row["found"],
        row["missing"], row["surplus"],
    )  # fmt: skip


_WAITING = """
SELECT s.id, c.number AS "case", c.state, c.item_name, c.item_name_en, c.version, c.applicant->>'name' AS applicant,
  c.applicant->>'kind' AS applicant_kind, s.shelf, s.in_at, s.in_cause,
  count(e.id) AS contacts, max(e.at) AS contacted_at
FROM custody_stays s
JOIN cases c ON c.id = s.case_id
LEFT JOIN events e ON e.case_id = c.id AND e.name = 'case:record_contact' AND e.at >= s.in_at
WHERE s.hall_id = $1 AND s.out_at IS NULL AND ($2::text IS NULL OR s.shelf = $2)
  AND s.in_at <= $3 AND (s.in_at, s.id) > ($4, $5)
GROUP BY s.id, c.id ORDER BY s.in_at, s.id LIMIT $6
"""


async def waiting(
    hall: UUID, shelf: str | None, until: datetime, after: tuple[datetime, UUID], limit: int
) -> list[dict[str, Any]]:
    """A page of what waits in a hall, the longest first, with how often and when the applicant was contacted.

    :param shelf: only what is there. :param until: only what came by then, UTC.
    :param after: ``in_at`` and ``id`` of the last row of the page before.
    """
    async with reading() as connection:
        return [dict(row) for row in await connection.fetch(_WAITING, hall, shelf, until, *after, limit)]


async def stays_of(number: str) -> list[dict[str, Any]]:
    """Everywhere a case's result has waited, oldest first."""
    async with reading() as connection:
        rows = await connection.fetch(
            "SELECT s.shelf, s.in_at, s.in_cause, i.name AS in_by, s.out_at, s.out_cause, o.name AS out_by"
            " FROM custody_stays s JOIN cases c ON c.id = s.case_id LEFT JOIN people i ON i.id = s.in_by"
            " LEFT JOIN people o ON o.id = s.out_by WHERE c.number = $1 ORDER BY s.in_at, s.id",
            number,
        )
    return [dict(row) for row in rows]
